/**
 * The company's own login: OpenID Connect, the authorization code with PKCE. What must come back unchanged travels in a sealed cookie of ten
 * minutes, so that the server keeps nothing of somebody who never returns.
 */
import { randomBytes } from "node:crypto";
import * as client from "openid-client";
import { type Ctx, type OidcSettings, refuse, seal, sealKey, unseal } from "../platform/index.ts";

export const flowCookie = "tieout_oidc";
export const flowSeconds = 600;
const purpose = "oidc flow";

type Flow = { readonly state: string; readonly nonce: string; readonly verifier: string; readonly callback: string; readonly next: string; readonly untilMs: number };
export type Claims = { readonly issuer: string; readonly subject: string; readonly email: string | undefined; readonly isEmailVerified: boolean; readonly next: string };

export type Oidc = {
  /** Where to send the browser, and the cookie's value. Refuses: oidc.failed. */
  start(callback: string, next: string): Promise<{ readonly to: string; readonly flow: string }>;
  /** `search` is what the provider added to the callback's address. Refuses: oidc.failed. */
  finish(search: string, flow: string | undefined): Promise<Claims>;
};

export function openOidc(ctx: Ctx, settings: OidcSettings): Oidc {
  const key = sealKey(ctx.dataDir) ?? randomBytes(32);
  let found: Promise<client.Configuration> | undefined;
  // Asked for when somebody first needs it, and again after a failure: the provider may start later than we do.
  const discover = (): Promise<client.Configuration> => (found ??= client.discovery(new URL(settings.issuer), settings.clientId, settings.clientSecret, settings.clientSecret === undefined ? client.None() : undefined, isHere(settings.issuer) ? { execute: [client.allowInsecureRequests] } : {}).catch((error: unknown) => {
    found = undefined;
    throw error;
  }));
  const failed = (error: unknown): never => {
    ctx.log.warn("a company login was not completed", { error });
    return refuse("oidc.failed");
  };
  return {
    async start(callback, next) {
      try {
        const provider = await discover();
        const flow: Flow = { state: client.randomState(), nonce: client.randomNonce(), verifier: client.randomPKCECodeVerifier(), callback, next, untilMs: ctx.now().getTime() + flowSeconds * 1_000 };
        const to = client.buildAuthorizationUrl(provider, { redirect_uri: callback, scope: "openid email profile", state: flow.state, nonce: flow.nonce, code_challenge: await client.calculatePKCECodeChallenge(flow.verifier), code_challenge_method: "S256" });
        return { to: to.href, flow: seal(key, JSON.stringify(flow), purpose).toString("base64url") };
      } catch (error) {
        return failed(error);
      }
    },
    async finish(search, sealed) {
      const text = sealed === undefined ? undefined : unseal(key, Buffer.from(sealed, "base64url"), purpose);
      if (text === undefined) return refuse("oidc.failed");
      const flow = JSON.parse(text) as Flow;
      if (flow.untilMs < ctx.now().getTime()) return refuse("oidc.failed");
      try {
        const provider = await discover();
        const tokens = await client.authorizationCodeGrant(provider, new URL(`${flow.callback}${search}`), { pkceCodeVerifier: flow.verifier, expectedState: flow.state, expectedNonce: flow.nonce, idTokenExpected: true });
        const claims = tokens.claims() ?? refuse("oidc.failed");
        // Many providers say the e-mail address only when asked for it.
        const said = typeof claims.email === "string" ? claims : await client.fetchUserInfo(provider, tokens.access_token, claims.sub);
        return { issuer: claims.iss, subject: claims.sub, email: typeof said.email === "string" ? said.email : undefined, isEmailVerified: said.email_verified === true, next: flow.next };
      } catch (error) {
        return failed(error);
      }
    },
  };
}

/** Only a provider on this machine is spoken to without TLS. */
const isHere = (issuer: string): boolean => ["127.0.0.1", "localhost", "[::1]"].includes(new URL(issuer).hostname);

/** Only a place of this app: an address from outside is not followed. */
export const placeOf = (next: string | undefined): string => (next !== undefined && /^\/(?![/\\])[^\\\p{Cc}]*$/u.test(next) ? next : "/");

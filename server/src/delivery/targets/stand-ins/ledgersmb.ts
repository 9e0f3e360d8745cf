/**
 * What of LedgerSMB 1.6 a delivery meets, in a database of its own: the tables by their documented columns, and the rules that its
 * database keeps. Accounts must exist, a closed period takes nothing, a draft counts only when it was approved; a reference may
 * come twice, and nothing checks that a transaction balances. The real one is met by e2e/delivery-real.ts.
 */
import { randomBytes } from "node:crypto";
import { testStore, type TestStore } from "../../../platform/testing.ts";

export type LedgersmbStandIn = { readonly owner: TestStore["owner"]; /** Of somebody who may post and approve, and make no tables. */ readonly clerkUrl: string; readonly ownerUrl: string; readonly close: () => Promise<void> };

const tables = `
  create sequence public.id;
  create table public.transactions (id integer primary key, table_name text, approved boolean, approved_by integer, approved_at timestamp);
  create table public.account_heading (id serial primary key, accno text not null unique, description text);
  create table public.account (id serial primary key, accno text not null unique, description text, is_temp boolean not null default false, category char(1) not null check (category in ('A', 'L', 'Q', 'I', 'E')), heading integer not null references public.account_heading, obsolete boolean not null default false);
  create table public.account_link (account_id integer not null references public.account, description text not null);
  create table public.defaults (setting_key text primary key, value text);
  create table public.account_checkpoint (end_date date not null);
  create table public.gl (id integer primary key default nextval('public.id'), reference text, description text, transdate date default current_date, notes text, approved boolean default true, trans_type_code char(2) not null default 'gl');
  create table public.acc_trans (entry_id serial primary key, trans_id integer not null references public.transactions, chart_id integer not null references public.account, amount numeric not null, transdate date, source text, memo text, cleared boolean default false, fx_transaction boolean default false, approved boolean default true);

  create function public.enters_transactions() returns trigger language plpgsql security definer as $$ begin
    if tg_op = 'INSERT' then insert into public.transactions (id, table_name, approved) values (new.id, 'gl', new.approved);
    else update public.transactions set approved = new.approved where id = new.id; end if;
    return new;
  end $$;
  create trigger enters before insert or update on public.gl for each row execute function public.enters_transactions();
  create function public.refuses_closed() returns trigger language plpgsql security definer as $$ begin
    if new.transdate <= (select max(end_date) from public.account_checkpoint) then raise exception 'Transaction entered into closed period.  Transdate: %', new.transdate; end if;
    return new;
  end $$;
  create trigger closed before insert on public.gl for each row execute function public.refuses_closed();
  create trigger closed before insert on public.acc_trans for each row execute function public.refuses_closed();
  create function public.draft_approve(in_id integer) returns boolean language plpgsql security definer as $$ begin
    update public.gl set approved = true where id = in_id;
    if not found then return false; end if;
    update public.transactions set approved_at = now() where id = in_id;
    return true;
  end $$;

  insert into public.account_heading (accno, description) values ('1000', '资产');
  insert into public.account (accno, description, category, heading) values ('1122', '应收账款', 'A', 1), ('6001', '主营业务收入', 'I', 1), ('222101', '销项税额', 'L', 1), ('1002', '银行存款', 'A', 1), ('2202', '应付账款', 'L', 1);
  insert into public.account_link select id, k from public.account, (values ('1122', 'AR'), ('2202', 'AP'), ('1002', 'AR_paid'), ('1002', 'AP_paid')) as l (code, k) where accno = code;
  insert into public.defaults values ('curr', 'CNY')`;

export async function openLedgersmbStandIn(): Promise<LedgersmbStandIn> {
  const store = await testStore();
  const clerk = `clerk_${randomBytes(4).toString("hex")}`;
  await store.owner.exec(tables);
  await store.owner.exec(`create role ${clerk} login password 'secret'; grant select, insert, update on public.gl, public.acc_trans to ${clerk}; grant select on public.account, public.account_heading, public.account_link, public.defaults, public.transactions to ${clerk};
    grant usage on public.id, public.acc_trans_entry_id_seq to ${clerk}; revoke create on schema public from public`);
  const clerkUrl = new URL(store.url);
  clerkUrl.username = clerk;
  clerkUrl.password = "secret";
  return {
    owner: store.owner, ownerUrl: store.url, clerkUrl: clerkUrl.href,
    async close() {
      await store.owner.exec(`drop owned by ${clerk}; drop role ${clerk}`).catch(() => {});
      await store.close();
    },
  };
}

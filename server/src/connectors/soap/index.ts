export { soap, type SoapConfig } from "./soap.ts";
export { soapEndpoint, type SoapEndpointConfig } from "./endpoint.ts";
export { openSoap, type Soap, type SoapRequest } from "./client.ts";
export { soapRefusals } from "./refusals.ts";

/** The address of what records clients and frameworks without code: beside the command line in the package. */
export const autoFile = new URL('./auto.js', import.meta.url).href;

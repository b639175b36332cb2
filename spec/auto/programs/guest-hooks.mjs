// The hooks of another tool, which change nothing.
export const load = (url, context, next) => next(url, context);

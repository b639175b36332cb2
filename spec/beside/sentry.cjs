// Sentry with performance tracing and all its default integrations; what it would send is kept.
const Sentry = require('@sentry/node');

const events = [];

exports.setUp = () => {
  const keep = (event) => {
    events.push(event);
    return null;
  };
  Sentry.init({
    dsn: 'http://key@127.0.0.1:9/1',
    tracesSampleRate: 1,
    traceLifecycle: 'static',
    beforeSend: keep,
    beforeSendTransaction: keep,
    transport: () => ({ send: async () => ({}), flush: async () => true }),
  });
};

exports.span = (name, fn) => Sentry.startSpan({ name }, fn);

/** Every event with its spans, breadcrumbs and tags. */
exports.collected = async () => {
  await Sentry.flush(1000);
  return events.map(({ type, transaction, spans = [], breadcrumbs = [], tags, exception }) => ({
    type,
    transaction,
    spans: spans.map(({ description, op }) => `${op} ${description?.replace(/:\d+/, '')}`).toSorted(),
    breadcrumbs: breadcrumbs.map(({ category, data }) => `${category} ${data?.url?.replace(/:\d+/, '')}`),
    tags,
    exception,
  }));
};

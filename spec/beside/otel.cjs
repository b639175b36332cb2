// OpenTelemetry with its instrumentation of http, keeping spans in memory.
const { trace } = require('@opentelemetry/api');
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
const { registerInstrumentations } = require('@opentelemetry/instrumentation');
const { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace-node');

const exporter = new InMemorySpanExporter();

exports.setUp = () => {
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  provider.register();
  registerInstrumentations({ instrumentations: [new HttpInstrumentation()], tracerProvider: provider });
};

exports.span = (name, fn) =>
  trace.getTracer('theirs').startActiveSpan(name, async (span) => {
    try {
      return await fn();
    } finally {
      span.end();
    }
  });

/** Every span with its parent, its own attributes and how it ended, in the order of their names. */
exports.collected = async () => {
  const spans = exporter.getFinishedSpans();
  const nameOf = (id) => spans.find((span) => span.spanContext().spanId === id)?.name;
  return spans
    .map(({ name, kind, status, attributes, events, links, parentSpanContext }) => {
      const { 'net.peer.port': _, 'server.port': __, 'network.peer.port': ___, ...rest } = attributes;
      const own = Object.keys(rest).toSorted();
      return { name, parent: nameOf(parentSpanContext?.spanId), kind, status, own, events, links };
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
};

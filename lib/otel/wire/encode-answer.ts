import { ProtobufWriter } from './protobuf-writer.js';

/** Answers to an export in protobuf. */
export const encodeAnswer = {
  /** `ExportTraceServiceResponse`; empty when every span was taken. */
  partialSuccess(rejected: number, message: string): Buffer {
    const writer = new ProtobufWriter();
    if (rejected > 0) {
      const start = writer.open(1, 1);
      writer.uint(1, rejected);
      writer.text(2, message);
      writer.close(start, 1);
    }
    return writer.slice();
  },
  /** `google.rpc.Status`. */
  status(code: number, message: string): Buffer {
    const writer = new ProtobufWriter();
    writer.uint(1, code);
    writer.text(2, message);
    return writer.slice();
  },
};

import { ProtobufWriter } from './protobuf-writer.js';

/** Answers to an export in protobuf. */
export const encodeAnswer = {
  /** `ExportTraceServiceResponse`; empty when every span was taken. */
  partialSuccess(rejected: number, message: string): Buffer {
    const writer = new ProtobufWriter();
    if (rejected > 0) {
      writer.message(1, () => {
        writer.uint32(1, rejected);
        writer.text(2, message);
      });
    }
    return writer.finish();
  },
  /** `google.rpc.Status`. */
  status(code: number, message: string): Buffer {
    const writer = new ProtobufWriter();
    writer.uint32(1, code);
    writer.text(2, message);
    return writer.finish();
  },
};

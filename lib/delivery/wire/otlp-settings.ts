/** How spans are sent over OTLP. Holds keys of the receiver: never log it. */
export interface OtlpSettings {
  readonly encoding: 'protobuf' | 'json';
  readonly compression: 'gzip' | 'none';
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
  /** Attributes of the program, such as `service.name`. */
  readonly resource: Readonly<Record<string, string>>;
  /** Whether inputs and outputs are sent. */
  readonly captureContent: boolean;
}

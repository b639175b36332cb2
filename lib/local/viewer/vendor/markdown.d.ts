/** A part of a Markdown text, as far as the viewer reads it. Made by the build of the package `marked`. */
export interface Token {
  readonly type: string;
  readonly raw: string;
  readonly text?: string;
  readonly tokens?: readonly Token[];
  readonly items?: readonly Token[];
  readonly depth?: number;
  readonly lang?: string;
  readonly href?: string;
  readonly ordered?: boolean;
  readonly start?: number | '';
  readonly task?: boolean;
  readonly checked?: boolean;
  readonly header?: readonly { readonly tokens: readonly Token[] }[];
  readonly rows?: readonly (readonly { readonly tokens: readonly Token[] }[])[];
}

export function lexer(text: string): Token[];

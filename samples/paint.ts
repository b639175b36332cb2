import { styleText } from 'node:util';

/** The styles in use. */
export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'magenta' | 'blue';
/** Puts a style around a text, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string;

/** Leaves every text as it is. */
export const plain: Paint = (_, text) => text;

/** Colours where `stream` is a terminal and `NO_COLOR` is not set. Source: https://no-color.org */
export function paintFor(stream: { readonly isTTY?: boolean | undefined }, env: NodeJS.ProcessEnv): Paint {
  return stream.isTTY === true && !env.NO_COLOR
    ? (style, text) => (text === '' ? text : styleText(style, text))
    : plain;
}

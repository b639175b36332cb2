/** What decorated agents are asked and answer. */
export interface Message {
  readonly role: string;
  readonly content: string;
}

export const user = (content: string): Message => ({ role: 'user', content });
export const assistant = (content: string): Message => ({ role: 'assistant', content });

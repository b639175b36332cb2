import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { isNewNode } from '../../support/node-versions.js';

/** The generations of the OpenAI client that run here: what Node 20 users get, and the newest. */
export async function openAIClients(): Promise<readonly (readonly [name: string, client: typeof OpenAI])[]> {
  if (!isNewNode) return [['openai 6', OpenAI]];
  // Where a spec uses it, both generations are the same.
  const { OpenAI: Newest } = (await import('openai-newest')) as unknown as { OpenAI: typeof OpenAI };
  return [
    ['openai 6', OpenAI],
    ['openai 7', Newest],
  ];
}

/** The generations of the Google client that run here. */
export async function googleClients(): Promise<readonly (readonly [name: string, client: typeof GoogleGenAI])[]> {
  if (!isNewNode) return [['genai 2', GoogleGenAI]];
  const { GoogleGenAI: Newest } = (await import('genai-newest')) as unknown as { GoogleGenAI: typeof GoogleGenAI };
  return [
    ['genai 2', GoogleGenAI],
    ['genai 3', Newest],
  ];
}

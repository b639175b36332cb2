// Gemini: thoughts count as part of the completion. With GEMINI_API_KEY it calls Google, otherwise a fake server.
//
// weather-agent  21 tokens
// └─ gemini-generate LLM model-2026  21 tokens
import { GoogleGenAI } from '@google/genai';
import { withTrace } from 'pandaprobe-ts';
import { wrapGemini } from 'pandaprobe-ts/wrappers/gemini';
import { startFake } from './fake.js';

const apiKey = process.env.GEMINI_API_KEY;
const ai = wrapGemini(
  new GoogleGenAI(apiKey === undefined ? { apiKey: 'fake', httpOptions: { baseUrl: await startFake() } } : { apiKey }),
);

await withTrace('weather-agent', async () => {
  const answer = await ai.models.generateContent({
    model: 'gemini-2.5-flash',
    contents: 'How warm is it in Lisbon?',
  });
  console.log(answer.text);
});

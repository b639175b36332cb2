// A program that sets its variables itself, as those do that read a file of them. Arguments: OpenAI's address, the backend's.
import OpenAI from 'openai';

const [url, endpoint] = process.argv.slice(2);
Object.assign(process.env, {
  PANDAPROBE_ENDPOINT: endpoint,
  PANDAPROBE_API_KEY: 'sk_pp_key',
  PANDAPROBE_PROJECT_NAME: 'auto',
});
const client = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1`, maxRetries: 0 });
await client.chat.completions.create({ model: 'plain', messages: [{ role: 'user', content: 'Hello' }] });

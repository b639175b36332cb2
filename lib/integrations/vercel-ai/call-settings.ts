/** The SDK's names of model parameters, each with the recorded name. */
export const callSettings = {
  maxOutputTokens: 'max_output_tokens',
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
  presencePenalty: 'presence_penalty',
  frequencyPenalty: 'frequency_penalty',
  stopSequences: 'stop_sequences',
  seed: 'seed',
  reasoning: 'reasoning',
};

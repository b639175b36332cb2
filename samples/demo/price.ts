/** Example prices in US dollars per million tokens. Nothing here costs anything: they show where costs go. */
const prices: Readonly<Record<string, { readonly input: number; readonly output: number }>> = {
  'tf-idf': { input: 0.02, output: 0 },
  'extractive-1': { input: 0.25, output: 2 },
};

/** What so many tokens would cost; zero for a model without a price. */
export function priceOf(model: string, promptTokens: number, completionTokens: number) {
  const { input, output } = prices[model] ?? { input: 0, output: 0 };
  const cost = { input: (promptTokens * input) / 1e6, output: (completionTokens * output) / 1e6 };
  return { ...cost, total: cost.input + cost.output };
}

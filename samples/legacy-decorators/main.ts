// The same decorators under `experimentalDecorators`, as NestJS needs it: below a route decorator or above it, the
// route stays. The `tsconfig.json` beside this file switches the dialect.
//
// forecast  28 tokens  tags api
// ├─ temperature TOOL
// └─ phrase LLM gpt-5.4  28 tokens
//
// cities  tags api
// └─ list RETRIEVER
import 'reflect-metadata';
import { getCurrentSpan, span, trace } from 'pandaprobe-ts';

/** What Nest's route decorators do: they leave metadata on the function that stands in the descriptor just then. */
function Get(path: string) {
  return (_target: object, _key: unknown, descriptor?: PropertyDescriptor) =>
    Reflect.defineMetadata('path', path, descriptor?.value);
}

class ForecastService {
  @span({ kind: 'TOOL' })
  async temperature(city: string): Promise<number> {
    return city === 'Lisbon' ? 24 : 9;
  }

  @span({ kind: 'RETRIEVER' })
  list(): string[] {
    return ['Lisbon', 'Oslo'];
  }

  @span({ kind: 'LLM', model: 'gpt-5.4' })
  async phrase(city: string, degrees: number): Promise<string> {
    getCurrentSpan()?.setTokenUsage({ promptTokens: 20, completionTokens: 8 });
    return `It is ${degrees} °C in ${city}.`;
  }
}

class ForecastController {
  readonly #service = new ForecastService();

  @Get('/forecast/:city')
  @trace({ tags: ['api'] })
  async forecast(city: string): Promise<string> {
    return this.#service.phrase(city, await this.#service.temperature(city));
  }

  @trace({ tags: ['api'] })
  @Get('/cities')
  cities(): string[] {
    return this.#service.list();
  }
}

const controller = new ForecastController();
// What a router does: it finds each method by its metadata.
console.log(Reflect.getMetadata('path', controller.forecast), await controller.forecast('Lisbon'));
console.log(Reflect.getMetadata('path', controller.cities), controller.cities());

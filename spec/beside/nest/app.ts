// @ts-nocheck The spec takes this line away and compiles the rest as an application would.
// A Nest application, compiled by the spec with `experimentalDecorators` and `emitDecoratorMetadata`. TRACED says
// whether the package's decorators are there and on which side of Nest's own: `above` them or `below` them.
import 'reflect-metadata';
import {
  BadRequestException,
  Body,
  type CallHandler,
  type CanActivate,
  Controller,
  createParamDecorator,
  type ExecutionContext,
  Get,
  Header,
  Headers,
  HttpCode,
  Inject,
  Injectable,
  Module,
  type NestInterceptor,
  NotFoundException,
  Param,
  ParseIntPipe,
  type PipeTransform,
  Post,
  Query,
  SetMetadata,
  UnauthorizedException,
  UseGuards,
  UseInterceptors,
  UsePipes,
} from '@nestjs/common';
import { APP_GUARD, NestFactory, Reflector } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { getTracedMethods, init, MemorySink, span, trace } from 'pandaprobe-ts';
import { map, type Observable } from 'rxjs';

const where = process.env.TRACED ?? 'none';
const nothing: MethodDecorator = () => {};
/** The package's decorator when it belongs above Nest's, and when it belongs below. */
const above = (decorator: MethodDecorator): MethodDecorator => (where === 'above' ? decorator : nothing);
const below = (decorator: MethodDecorator): MethodDecorator => (where === 'below' ? decorator : nothing);
const anywhere = (decorator: MethodDecorator): MethodDecorator => (where === 'none' ? nothing : decorator);

const Roles = (...roles: string[]) => SetMetadata('roles', roles);
const CurrentUser = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const { user } = context.switchToHttp().getRequest<{ user: { name: string } }>();
  return user;
});

@Injectable()
class RolesGuard implements CanActivate {
  constructor(@Inject(Reflector) private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<{ headers: Record<string, string>; user: unknown }>();
    const name = request.headers.authorization;
    if (name === undefined) throw new UnauthorizedException();
    request.user = { name };
    const roles = this.reflector.getAllAndOverride<string[] | undefined>('roles', [
      context.getHandler(),
      context.getClass(),
    ]);
    return roles === undefined || roles.includes(name);
  }
}

@Injectable()
class Wrap implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const handler = context.getHandler().name;
    return next.handle().pipe(map((result) => ({ handler, result })));
  }
}

class Question {
  text!: string;
}

@Injectable()
class QuestionPipe implements PipeTransform {
  transform(value: unknown, { type, metatype }: { type: string; metatype?: unknown }): unknown {
    if (type !== 'body') return value;
    // Found only when the parameter's type reaches Nest.
    if (metatype !== Question) throw new Error(`the body has no type: ${String(metatype)}`);
    if (typeof (value as Question).text !== 'string') throw new BadRequestException('text is missing');
    return Object.assign(new Question(), value);
  }
}

@Injectable()
class SearchService {
  @anywhere(span({ kind: 'RETRIEVER' }) as MethodDecorator)
  async search(query: string): Promise<string[]> {
    await new Promise((resolve) => setTimeout(resolve, 2));
    return [`a page about ${query}`];
  }
}

@Injectable()
class AgentService {
  constructor(@Inject(SearchService) private readonly searching: SearchService) {}

  @anywhere(span({ kind: 'AGENT' }) as MethodDecorator)
  async answer(text: string): Promise<string> {
    const [first, second] = await Promise.all([this.searching.search(text), this.searching.search('more')]);
    return this.write([...first, ...second]);
  }

  @anywhere(span({ kind: 'LLM', model: 'gpt-5.4' }) as MethodDecorator)
  private write(pages: string[]): string {
    return pages.join(' and ');
  }
}

@Controller('agent')
@UseInterceptors(Wrap)
class AgentController {
  constructor(@Inject(AgentService) private readonly agent: AgentService) {}

  @above(trace({ name: 'ask' }) as MethodDecorator)
  @Post('ask')
  @HttpCode(200)
  @Roles('ada', 'bob')
  @UsePipes(QuestionPipe)
  @below(trace({ name: 'ask' }) as MethodDecorator)
  async ask(@Body() question: Question, @CurrentUser() user: { name: string }) {
    return { answer: await this.agent.answer(question.text), for: user.name, isQuestion: question instanceof Question };
  }

  @above(trace as MethodDecorator)
  @Get('pages/:id')
  @Header('x-page', 'yes')
  @below(trace as MethodDecorator)
  page(@Param('id', ParseIntPipe) id: number, @Query('lang') lang = 'en', @Headers('x-tone') tone?: string) {
    if (id === 404) throw new NotFoundException(`no page ${id}`);
    if (id === 500) throw new Error('out of order');
    return { id, type: typeof id, lang, tone };
  }

  @above(trace({ name: 'admin' }) as MethodDecorator)
  @UseGuards(RolesGuard)
  @Roles('root')
  @Get('admin')
  @below(trace({ name: 'admin' }) as MethodDecorator)
  async admin() {
    return 'secrets';
  }
}

@Module({
  controllers: [AgentController],
  providers: [AgentService, SearchService, { provide: APP_GUARD, useClass: RolesGuard }],
})
class AppModule {}

const memory = new MemorySink();
if (where === 'none') init({ enabled: false });
else init({ sinks: [memory] });

// What @nestjs/testing builds and what an application's main file builds must answer alike.
const { app } = {
  app:
    process.env.BUILT_BY === 'testing'
      ? (await Test.createTestingModule({ imports: [AppModule] }).compile()).createNestApplication({ logger: false })
      : await NestFactory.create(AppModule, { logger: false }),
};
await app.listen(0, '127.0.0.1');
const { port } = app.getHttpServer().address() as { port: number };

const asked: [path: string, init?: RequestInit][] = [
  ['agent/ask', post('ada', { text: 'pandas' })],
  ['agent/ask', post('ada', { words: 'pandas' })],
  ['agent/ask', post('eve', { text: 'pandas' })],
  ['agent/ask', post(undefined, { text: 'pandas' })],
  ['agent/pages/7?lang=de', get('ada', { 'x-tone': 'calm' })],
  ['agent/pages/seven', get('ada')],
  ['agent/pages/404', get('ada')],
  ['agent/pages/500', get('ada')],
  ['agent/admin', get('root')],
  ['agent/admin', get('ada')],
  ['agent/admin', get()],
  ['agent/nowhere', get('ada')],
];
const answers: unknown[] = [];
for (const [path, request] of asked) {
  const response = await fetch(`http://127.0.0.1:${port}/${path}`, request);
  answers.push([path, response.status, response.headers.get('x-page'), await response.json()]);
}
await app.close();

const traces = memory.traces.map(({ name, status, input, output }) => ({ name, status, input, output }));
const methods = getTracedMethods(AgentController).map(({ method }) => method);
console.log(JSON.stringify({ answers, tree: memory.tree().replaceAll(/ [\d.]+ m?s/g, ''), traces, methods }));

function get(user?: string, headers: Record<string, string> = {}): RequestInit {
  return { headers: user === undefined ? headers : { ...headers, authorization: user } };
}

function post(user: string | undefined, body: unknown): RequestInit {
  const { headers } = get(user, { 'content-type': 'application/json' });
  return { method: 'POST', headers, body: JSON.stringify(body) };
}

// A failure as the page shows it. Every failed request becomes one: refused by the server
// (problem+json), or never answered.
export interface FieldProblem {
  field: string;
  message: string;
}

export class ApiProblem extends Error {
  /** 0: no answer came. */
  readonly status: number;
  /** "FILE_TOO_LARGE", or "OFFLINE" when no answer came. */
  readonly code: string;
  readonly requestId: string;
  readonly fields: FieldProblem[];
  readonly retryAfterS: number | null;
  /** "GET /jobs": for reports. */
  readonly request: string;
  /** The whole answer, for codes with data of their own (409 conflicts). */
  readonly body: Record<string, unknown>;

  constructor(init: {
    status: number;
    code: string;
    message: string;
    requestId?: string;
    fields?: FieldProblem[];
    retryAfterS?: number | null;
    request?: string;
    body?: Record<string, unknown>;
  }) {
    super(init.message);
    this.name = 'ApiProblem';
    this.status = init.status;
    this.code = init.code;
    this.requestId = init.requestId ?? '';
    this.fields = init.fields ?? [];
    this.retryAfterS = init.retryAfterS ?? null;
    this.request = init.request ?? '';
    this.body = init.body ?? {};
  }

  get offline(): boolean {
    return this.status === 0;
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

const plainTextMax = 1_000;

export function problemFrom(status: number, headers: Headers, bodyText: string, request: string): ApiProblem {
  let body: Record<string, unknown> = {};
  try {
    const parsed: unknown = JSON.parse(bodyText);
    if (parsed && typeof parsed === 'object') body = parsed as Record<string, unknown>;
  } catch {
    // The tus routes give their reason as text; a proxy's page is no reason.
    const plain = (headers.get('Content-Type') ?? '').startsWith('text/plain');
    if (plain && bodyText.trim() !== '' && bodyText.length < plainTextMax) body = { detail: bodyText.trim() };
  }
  const fields = Array.isArray(body.validation_errors)
    ? body.validation_errors.map((entry: Record<string, unknown>) => ({
        field: text(entry?.field),
        message: text(entry?.message),
      }))
    : [];
  const retry = Number.parseInt(headers.get('Retry-After') ?? '', 10);
  return new ApiProblem({
    status,
    // The tus routes have it in a header.
    code: text(body.error_code) || (headers.get('X-Error-Code') ?? '') || `HTTP_${status}`,
    message: text(body.detail) || text(body.message) || `HTTP ${status}`,
    requestId: text(body.request_id) || (headers.get('X-Request-ID') ?? ''),
    fields,
    retryAfterS: Number.isFinite(retry) ? retry : null,
    request,
    body,
  });
}

export function offlineProblem(request: string): ApiProblem {
  return new ApiProblem({ status: 0, code: 'OFFLINE', message: 'The server did not answer.', request });
}

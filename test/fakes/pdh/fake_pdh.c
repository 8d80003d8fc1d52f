/*
 * A pdh.dll that replays a script: what the agent's tests load instead of the system's, under wine.
 *
 * Built from the public headers <pdh.h> and <pdhmsg.h>, so that the structure layouts of the agent's own declarations are checked against others'.
 * The script is the file that WEIR_FAKE_PDH names, read at each PdhOpenQueryW: a query keeps the script that it was opened with. README.md beside this
 * file has its lines. Handles are pointers; a query is used by one thread at a time, as the agent does.
 */
#define WIN32_LEAN_AND_MEAN
#define UNICODE
#include <windows.h>
#include <winioctl.h>
#include <pdh.h>
#include <pdhmsg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __declspec(dllexport)
#define MAX_FIELDS 8
#define MAX_TEXT 256

typedef struct line {
  struct line *next;
  int step; /* from this collect on; 0: from the start */
  int fields;
  wchar_t *field[MAX_FIELDS];
  int used; /* hang: done already */
} line;

struct counter;

typedef struct query {
  line *lines;
  struct counter *counters; /* closing the query closes them */
  int collects;
  LONG refreshes; /* how many there had been when it was opened */
} query;

typedef struct counter {
  query *of;
  struct counter *next;
  int single;
  int grown;
  int grown_at;
  wchar_t object[MAX_TEXT];
  wchar_t name[MAX_TEXT];
} counter;

static volatile LONG open_queries, open_counters, refreshes, array_calls, add_calls;

/* The marker by which the agent tells this from wine's own pdh.dll. */
EXPORT DWORD WINAPI WeirFakePdh(void) { return 1; }

/* What a test asks: 0 open queries, 1 open counters, 2 refreshes, 3 array calls, 4 add calls. */
EXPORT LONG WINAPI WeirFakePdhCount(DWORD what) {
  switch (what) {
    case 0: return open_queries;
    case 1: return open_counters;
    case 2: return refreshes;
    case 3: return array_calls;
    case 4: return add_calls;
    default: return -1;
  }
}

/* A DISK_PERFORMANCE as the headers lay it out, so that the agent's own declaration is checked too. Returns its size. */
EXPORT DWORD WINAPI WeirFakeDiskPerformance(DISK_PERFORMANCE *to, DWORD size) {
  if (size < sizeof *to) return sizeof *to;
  memset(to, 0, sizeof *to);
  to->BytesRead.QuadPart = 1;
  to->BytesWritten.QuadPart = 2;
  to->ReadTime.QuadPart = 3;
  to->WriteTime.QuadPart = 4;
  to->IdleTime.QuadPart = 5;
  to->ReadCount = 6;
  to->WriteCount = 7;
  to->QueueDepth = 8;
  to->SplitCount = 9;
  to->QueryTime.QuadPart = 10;
  to->StorageDeviceNumber = 11;
  to->StorageManagerName[7] = L'x';
  return sizeof *to;
}

static int is(const line *l, const wchar_t *kind) { return wcscmp(l->field[0], kind) == 0; }
static const wchar_t *text(const line *l, int i) { return i < l->fields ? l->field[i] : L""; }
static LONGLONG number(const line *l, int i, LONGLONG otherwise) { return i < l->fields && l->field[i][0] ? (LONGLONG)_wcstoui64(l->field[i], NULL, 0) : otherwise; }

static line *parse(wchar_t *start, int *step) {
  line *l;
  wchar_t *at = start;
  if (!*start || *start == L'#') return NULL;
  l = calloc(1, sizeof *l);
  while (l->fields < MAX_FIELDS) {
    l->field[l->fields++] = at;
    at = wcschr(at, L'\t');
    if (!at) break;
    *at++ = 0;
  }
  if (is(l, L"at")) {
    *step = (int)number(l, 1, 0);
    free(l);
    return NULL;
  }
  l->step = *step;
  return l;
}

static line *load(void) {
  wchar_t path[MAX_PATH];
  HANDLE file;
  DWORD size, got = 0;
  char *bytes;
  wchar_t *script, *at;
  line *first = NULL, **last = &first;
  int step = 0, length;
  if (!GetEnvironmentVariableW(L"WEIR_FAKE_PDH", path, MAX_PATH)) return NULL;
  file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
  if (file == INVALID_HANDLE_VALUE) return NULL;
  size = GetFileSize(file, NULL);
  bytes = malloc(size + 1);
  ReadFile(file, bytes, size, &got, NULL);
  CloseHandle(file);
  length = MultiByteToWideChar(CP_UTF8, 0, bytes, (int)got, NULL, 0);
  script = calloc((size_t)length + 1, sizeof *script); /* the lines point into it as long as the process lives */
  MultiByteToWideChar(CP_UTF8, 0, bytes, (int)got, script, length);
  free(bytes);
  for (at = script; at;) {
    wchar_t *end = wcschr(at, L'\n');
    line *l;
    if (end) *end = 0;
    l = parse(at, &step);
    if (l) {
      *last = l;
      last = &l->next;
    }
    at = end ? end + 1 : NULL;
  }
  return first;
}

/* Whether a line with a step counts now: lines of the largest step that has come replace those of the steps before. */
static int current_step(const query *q) {
  int best = 0;
  const line *l;
  for (l = q->lines; l; l = l->next)
    if (l->step <= q->collects && l->step > best) best = l->step;
  return best;
}

static PDH_STATUS status_of(const query *q, const wchar_t *call, const wchar_t *object, const wchar_t *name, PDH_STATUS otherwise) {
  int step = current_step(q);
  const line *l;
  for (l = q->lines; l; l = l->next)
    if (is(l, L"status") && (l->step == 0 || l->step == step) && !wcscmp(text(l, 1), call) && (!*text(l, 2) || !_wcsicmp(text(l, 2), object)) && (!*text(l, 3) || !_wcsicmp(text(l, 3), name)))
      return (PDH_STATUS)number(l, 4, 0);
  return otherwise;
}

/* \Object(*)\Counter or \Object\Counter; object names may hold parentheses of their own. */
static int split(const wchar_t *path, counter *c) {
  const wchar_t *slash;
  size_t length;
  if (path[0] != L'\\') return 0;
  slash = wcschr(path + 1, L'\\');
  if (!slash) return 0;
  length = (size_t)(slash - path - 1);
  c->single = length < 3 || wcsncmp(slash - 3, L"(*)", 3) != 0;
  if (!c->single) length -= 3;
  if (length >= MAX_TEXT || wcslen(slash + 1) >= MAX_TEXT) return 0;
  wcsncpy(c->object, path + 1, length);
  wcscpy(c->name, slash + 1);
  return 1;
}

static const line *declared(const query *q, const counter *c) {
  const line *l;
  for (l = q->lines; l; l = l->next)
    if (is(l, L"counter") && !_wcsicmp(text(l, 1), c->object) && !_wcsicmp(text(l, 2), c->name)) return l;
  return NULL;
}

EXPORT PDH_STATUS WINAPI PdhOpenQueryW(LPCWSTR source, DWORD_PTR user, PDH_HQUERY *handle) {
  query *q;
  PDH_STATUS status;
  (void)user;
  if (source || !handle) return PDH_INVALID_ARGUMENT;
  q = calloc(1, sizeof *q);
  q->lines = load();
  q->refreshes = refreshes;
  status = status_of(q, L"open", L"", L"", ERROR_SUCCESS);
  if (status) {
    free(q);
    return status;
  }
  InterlockedIncrement(&open_queries);
  *handle = q;
  return ERROR_SUCCESS;
}

EXPORT PDH_STATUS WINAPI PdhCloseQuery(PDH_HQUERY handle) {
  query *q = handle;
  if (!q) return PDH_INVALID_HANDLE;
  while (q->counters) PdhRemoveCounter(q->counters);
  InterlockedDecrement(&open_queries);
  free(q);
  return ERROR_SUCCESS;
}

EXPORT PDH_STATUS WINAPI PdhAddEnglishCounterW(PDH_HQUERY handle, LPCWSTR path, DWORD_PTR user, PDH_HCOUNTER *result) {
  query *q = handle;
  counter *c;
  const line *l;
  PDH_STATUS status = PDH_CSTATUS_NO_OBJECT;
  (void)user;
  if (!q || !result) return PDH_INVALID_ARGUMENT;
  InterlockedIncrement(&add_calls);
  c = calloc(1, sizeof *c);
  c->of = q;
  if (!split(path, c)) {
    free(c);
    return PDH_CSTATUS_BAD_COUNTERNAME;
  }
  for (l = q->lines; l; l = l->next)
    if (is(l, L"object") && !_wcsicmp(text(l, 1), c->object))
      status = !wcscmp(text(l, 2), L"late") && refreshes <= q->refreshes ? PDH_CSTATUS_NO_OBJECT : ERROR_SUCCESS;
  if (!status) {
    l = declared(q, c);
    if (!l || (!wcscmp(text(l, 5), L"late") && refreshes <= q->refreshes)) status = PDH_CSTATUS_NO_COUNTER;
  }
  status = status_of(q, L"add", c->object, c->name, status);
  if (status) {
    free(c);
    return status;
  }
  InterlockedIncrement(&open_counters);
  c->next = q->counters;
  q->counters = c;
  *result = c;
  return ERROR_SUCCESS;
}

EXPORT PDH_STATUS WINAPI PdhRemoveCounter(PDH_HCOUNTER handle) {
  counter *c = handle, **at;
  if (!c) return PDH_INVALID_HANDLE;
  for (at = &c->of->counters; *at; at = &(*at)->next)
    if (*at == c) {
      *at = c->next;
      InterlockedDecrement(&open_counters);
      free(c);
      return ERROR_SUCCESS;
    }
  return PDH_INVALID_HANDLE;
}

/* A line hang<TAB>FILE<TAB>SECONDS blocks a collect until the file is there, at most so long. */
static void hang(query *q) {
  int step = current_step(q);
  line *l;
  for (l = q->lines; l; l = l->next) {
    LONGLONG left;
    if (!is(l, L"hang") || l->used || (l->step && l->step != step)) continue;
    l->used = 1;
    for (left = number(l, 2, 60) * 100; left > 0 && GetFileAttributesW(text(l, 1)) == INVALID_FILE_ATTRIBUTES; left--) Sleep(10);
  }
}

EXPORT PDH_STATUS WINAPI PdhCollectQueryData(PDH_HQUERY handle) {
  query *q = handle;
  if (!q) return PDH_INVALID_HANDLE;
  q->collects++;
  hang(q);
  return status_of(q, L"collect", L"", L"", ERROR_SUCCESS);
}

EXPORT PDH_STATUS WINAPI PdhGetCounterInfoW(PDH_HCOUNTER handle, BOOLEAN explain, LPDWORD size, PPDH_COUNTER_INFO_W info) {
  counter *c = handle;
  const line *l;
  DWORD wanted = (DWORD)(sizeof *info + (wcslen(c->object) + 1) * sizeof(wchar_t));
  PDH_STATUS status;
  if (!c || !size || explain) return PDH_INVALID_ARGUMENT;
  status = status_of(c->of, L"info", c->object, c->name, ERROR_SUCCESS);
  if (status) return status;
  if (!info || *size < wanted) {
    *size = wanted;
    return PDH_MORE_DATA;
  }
  l = declared(c->of, c);
  memset(info, 0, sizeof *info);
  info->dwLength = wanted;
  info->dwType = (DWORD)number(l, 3, 0);
  info->CVersion = 1;
  info->szObjectName = wcscpy((wchar_t *)(info + 1), c->object);
  return ERROR_SUCCESS;
}

/* As strict as the documentation allows: only times whose unit is not fixed have a time base. */
static int has_time_base(DWORD type) {
  if ((type & 0xC00) != PERF_TYPE_COUNTER || (type & 0x300000) == PERF_TIMER_100NS) return 0;
  switch (type & 0x70000) {
    case PERF_COUNTER_RATE: return (type & 0xF0000000) == PERF_DISPLAY_PERCENT;
    case PERF_COUNTER_FRACTION: return (type & 0xF0000000) == PERF_DISPLAY_SECONDS;
    case PERF_COUNTER_ELAPSED:
    case PERF_COUNTER_QUEUELEN:
    case PERF_COUNTER_PRECISION: return 1;
    default: return 0;
  }
}

EXPORT PDH_STATUS WINAPI PdhGetCounterTimeBase(PDH_HCOUNTER handle, LONGLONG *base) {
  counter *c = handle;
  if (!c || !base || !has_time_base((DWORD)number(declared(c->of, c), 3, 0))) return PDH_INVALID_ARGUMENT;
  *base = number(declared(c->of, c), 4, 10000000);
  return status_of(c->of, L"timebase", c->object, c->name, ERROR_SUCCESS);
}

/* value<TAB>OBJECT<TAB>COUNTER<TAB>INSTANCE<TAB>FIRST[<TAB>SECOND[<TAB>CSTATUS]] */
static int matches(const counter *c, const line *l, int step) {
  return is(l, L"value") && l->step == step && !_wcsicmp(text(l, 1), c->object) && !_wcsicmp(text(l, 2), c->name);
}

static void fill(PPDH_RAW_COUNTER raw, const line *l) {
  memset(raw, 0, sizeof *raw);
  raw->FirstValue = number(l, 4, 0);
  raw->SecondValue = number(l, 5, 0);
  raw->CStatus = (DWORD)number(l, 6, PDH_CSTATUS_VALID_DATA);
  raw->MultiCount = 1;
  raw->TimeStamp.dwLowDateTime = 0x11111111;
  raw->TimeStamp.dwHighDateTime = 0x22222222;
}

EXPORT PDH_STATUS WINAPI PdhGetRawCounterValue(PDH_HCOUNTER handle, LPDWORD type, PPDH_RAW_COUNTER value) {
  counter *c = handle;
  int step;
  const line *l;
  PDH_STATUS status;
  if (!c || !value) return PDH_INVALID_ARGUMENT;
  status = status_of(c->of, L"value", c->object, c->name, ERROR_SUCCESS);
  if (status) return status;
  step = current_step(c->of);
  if (type) *type = (DWORD)number(declared(c->of, c), 3, 0);
  for (l = c->of->lines; l; l = l->next)
    if (matches(c, l, step)) {
      fill(value, l);
      return ERROR_SUCCESS;
    }
  memset(value, 0, sizeof *value);
  value->CStatus = (DWORD)PDH_CSTATUS_INVALID_DATA;
  return ERROR_SUCCESS;
}

/* grow<TAB>OBJECT<TAB>N: the first N array calls of each counter after a collect want more than they were given. */
static int grows(counter *c, int step) {
  const line *l;
  if (c->grown_at != c->of->collects) {
    c->grown_at = c->of->collects;
    c->grown = 0;
  }
  for (l = c->of->lines; l; l = l->next)
    if (is(l, L"grow") && (l->step == 0 || l->step == step) && !_wcsicmp(text(l, 1), c->object) && c->grown < number(l, 2, 0)) return 1;
  return 0;
}

EXPORT PDH_STATUS WINAPI PdhGetRawCounterArrayW(PDH_HCOUNTER handle, LPDWORD size, LPDWORD count, PPDH_RAW_COUNTER_ITEM_W items) {
  counter *c = handle;
  int step;
  const line *l;
  PDH_STATUS status;
  DWORD n = 0, i = 0, bytes = 0;
  wchar_t *names;
  if (!c || !size || !count) return PDH_INVALID_ARGUMENT;
  InterlockedIncrement(&array_calls);
  status = status_of(c->of, L"array", c->object, c->name, ERROR_SUCCESS);
  if (status) return status; /* size and count keep what they were, as a careless reader would use them */
  step = current_step(c->of);
  for (l = c->of->lines; l; l = l->next)
    if (matches(c, l, step)) {
      n++;
      bytes += (DWORD)(sizeof *items + (wcslen(text(l, 3)) + 1) * sizeof(wchar_t));
    }
  if (grows(c, step)) {
    c->grown++;
    *size = *size + 48 > bytes ? *size + 48 : bytes;
    *count = n;
    return PDH_MORE_DATA;
  }
  if (!items || *size < bytes) {
    *size = bytes;
    *count = n;
    return PDH_MORE_DATA;
  }
  names = (wchar_t *)(items + n);
  for (l = c->of->lines; l; l = l->next)
    if (matches(c, l, step)) {
      fill(&items[i].RawValue, l);
      items[i++].szName = wcscpy(names, text(l, 3));
      names += wcslen(text(l, 3)) + 1;
    }
  *size = bytes;
  *count = n;
  return n ? ERROR_SUCCESS : PDH_CSTATUS_NO_INSTANCE;
}

EXPORT PDH_STATUS WINAPI PdhEnumObjectsW(LPCWSTR source, LPCWSTR machine, LPWSTR list, LPDWORD length, DWORD detail, WINBOOL refresh) {
  (void)detail;
  if (source || machine || !length) return PDH_INVALID_ARGUMENT;
  if (refresh) InterlockedIncrement(&refreshes);
  if (list && *length >= 2) {
    list[0] = list[1] = 0;
    return ERROR_SUCCESS;
  }
  *length = 2;
  return PDH_MORE_DATA;
}

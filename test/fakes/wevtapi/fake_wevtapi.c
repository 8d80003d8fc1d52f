/*
 * A wevtapi.dll whose event log the agent's tests write: what they load instead of the system's, under wine, which has none.
 *
 * Built from the public header <winevt.h>, so that the layout of values in the agent's own declarations is checked against others'. As stern as the system where it
 * matters: a subscription needs a signal, a path needs its spelling, a buffer that is too small is refused with the size that it needs. README.md beside this file says
 * what it does. Used by one thread at a time.
 */
#define WIN32_LEAN_AND_MEAN
#define UNICODE
#include <windows.h>
#include <winevt.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define EXPORT __declspec(dllexport)
#define MAX_CHANNELS 8
#define MAX_TEXT 1024

typedef enum kind { CHANNEL_LIST = 1, SUBSCRIPTION, RENDERING, RECORD } kind;

typedef struct record {
  struct record *next;
  BYTE level;
  wchar_t provider[MAX_TEXT];
} record;

typedef struct channel {
  wchar_t name[MAX_TEXT];
  DWORD error; /* what its calls fail with; 0: they work */
  BOOL silent; /* whether they fail without an error, as wine's do */
  record *first, **last;
} channel;

typedef struct object {
  kind kind;
  channel *of;
  DWORD next;
  record *record;
} object;

static channel channels[MAX_CHANNELS];
static DWORD channel_count;
static volatile LONG open_handles;

static channel *find(const wchar_t *name) {
  for (DWORD i = 0; i < channel_count; i++)
    if (!_wcsicmp(channels[i].name, name)) return &channels[i];
  return NULL;
}

static object *make(kind kind, channel *of) {
  object *made = calloc(1, sizeof *made);
  made->kind = kind;
  made->of = of;
  InterlockedIncrement(&open_handles);
  return made;
}

static BOOL fail(DWORD error) {
  SetLastError(error);
  return FALSE;
}

/* A channel that exists from now on, and what its calls fail with: 0 works, 1 fails without an error. */
EXPORT void WINAPI WeirFakeChannel(const wchar_t *name, DWORD error) {
  channel *it = find(name);
  if (!it) {
    if (channel_count == MAX_CHANNELS) abort();
    it = &channels[channel_count++];
    wcsncpy(it->name, name, MAX_TEXT - 1);
    it->last = &it->first;
  }
  it->silent = error == 1;
  it->error = error == 1 ? 0 : error;
}

/* Writes records into a channel. Level 0xff: the record has none. */
EXPORT void WINAPI WeirFakeRecords(const wchar_t *name, const wchar_t *provider, BYTE level, DWORD count) {
  channel *to = find(name);
  for (DWORD i = 0; i < count; i++) {
    record *made = calloc(1, sizeof *made);
    made->level = level;
    wcsncpy(made->provider, provider, MAX_TEXT - 1);
    *to->last = made;
    to->last = &made->next;
  }
}

/* Handles that were not closed. */
EXPORT LONG WINAPI WeirFakeHandles(void) { return open_handles; }

EXPORT EVT_HANDLE WINAPI EvtSubscribe(EVT_HANDLE session, HANDLE signal, LPCWSTR path, LPCWSTR query, EVT_HANDLE bookmark, PVOID context, EVT_SUBSCRIBE_CALLBACK callback, DWORD flags) {
  channel *of = find(path);
  if (session || !signal || wcscmp(query, L"*") || bookmark || context || callback || flags != EvtSubscribeToFutureEvents) return (EVT_HANDLE)(size_t)fail(ERROR_INVALID_PARAMETER);
  if (!of) return (EVT_HANDLE)(size_t)fail(ERROR_EVT_CHANNEL_NOT_FOUND);
  if (of->silent || of->error) return (EVT_HANDLE)(size_t)fail(of->error);
  /* Only what comes from now on. */
  while (of->first) {
    record *old = of->first;
    of->first = old->next;
    free(old);
  }
  of->last = &of->first;
  return make(SUBSCRIPTION, of);
}

EXPORT BOOL WINAPI EvtNext(EVT_HANDLE results, DWORD size, EVT_HANDLE *events, DWORD timeout, DWORD flags, DWORD *returned) {
  object *from = results;
  *returned = 0;
  if (from->kind != SUBSCRIPTION || flags || timeout) return fail(ERROR_INVALID_PARAMETER);
  if (from->of->error) return fail(from->of->error);
  while (*returned < size && from->of->first) {
    object *event = make(RECORD, from->of);
    event->record = from->of->first;
    from->of->first = event->record->next;
    if (!from->of->first) from->of->last = &from->of->first;
    events[(*returned)++] = event;
  }
  if (*returned > 0) return TRUE;
  /* The end once, then what a subscription says that is asked again while nothing has come. */
  static int asked;
  return fail(asked++ == 0 ? ERROR_NO_MORE_ITEMS : ERROR_INVALID_OPERATION);
}

EXPORT EVT_HANDLE WINAPI EvtCreateRenderContext(DWORD count, LPCWSTR *paths, DWORD flags) {
  if (count != 2 || flags != EvtRenderContextValues || wcscmp(paths[0], L"Event/System/Provider/@Name") || wcscmp(paths[1], L"Event/System/Level")) return (EVT_HANDLE)(size_t)fail(ERROR_INVALID_PARAMETER);
  return make(RENDERING, NULL);
}

EXPORT BOOL WINAPI EvtRender(EVT_HANDLE context, EVT_HANDLE fragment, DWORD flags, DWORD size, PVOID buffer, DWORD *used, DWORD *properties) {
  object *with = context, *event = fragment;
  EVT_VARIANT *values = buffer;
  if (with->kind != RENDERING || event->kind != RECORD || flags != EvtRenderEventValues) return fail(ERROR_INVALID_PARAMETER);
  DWORD text = (DWORD)((wcslen(event->record->provider) + 1) * sizeof(wchar_t));
  *used = 2 * sizeof *values + text;
  *properties = 2;
  if (size < *used) return fail(ERROR_INSUFFICIENT_BUFFER);
  memset(values, 0, 2 * sizeof *values);
  values[0].Type = EvtVarTypeString;
  values[0].StringVal = memcpy(values + 2, event->record->provider, text);
  values[1].Type = event->record->level == 0xff ? EvtVarTypeNull : EvtVarTypeByte;
  values[1].ByteVal = event->record->level == 0xff ? 0 : event->record->level;
  return TRUE;
}

EXPORT EVT_HANDLE WINAPI EvtOpenChannelEnum(EVT_HANDLE session, DWORD flags) {
  return session || flags ? (EVT_HANDLE)(size_t)fail(ERROR_INVALID_PARAMETER) : make(CHANNEL_LIST, NULL);
}

EXPORT BOOL WINAPI EvtNextChannelPath(EVT_HANDLE list, DWORD size, LPWSTR path, DWORD *used) {
  object *of = list;
  if (of->next == channel_count) return fail(ERROR_NO_MORE_ITEMS);
  *used = (DWORD)wcslen(channels[of->next].name) + 1;
  if (size < *used) return fail(ERROR_INSUFFICIENT_BUFFER);
  wcscpy(path, channels[of->next++].name);
  return TRUE;
}

EXPORT BOOL WINAPI EvtClose(EVT_HANDLE handle) {
  object *it = handle;
  free(it->record);
  free(it);
  InterlockedDecrement(&open_handles);
  return TRUE;
}

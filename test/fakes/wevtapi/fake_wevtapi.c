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
#define MAX_CHANNELS 32
#define MAX_TEXT 1024
#define MAX_PATHS 4

typedef enum kind { CHANNEL_LIST = 1, SUBSCRIPTION, QUERY, BOOKMARK, RENDERING, RECORD, PUBLISHER, LOG } kind;

/* How a record is given: with others, alone only since it is large, or not at all. */
typedef enum size { ORDINARY, LARGE, TOO_LARGE } size;

typedef struct record {
  struct record *before, *next;
  DWORD number; /* in its channel, from 1 */
  size size;
  BYTE level;
  USHORT id;
  wchar_t provider[MAX_TEXT];
  wchar_t message[MAX_TEXT]; /* what its publisher says of it; empty: the publisher is not known */
} record;

typedef struct channel {
  wchar_t name[MAX_TEXT];
  DWORD error; /* what its calls fail with; 0: they work */
  BOOL silent; /* whether they fail without an error, as wine's do */
  DWORD written;
  DWORD deafened; /* subscriptions that were made before the last time hear nothing */
  record *first, *last;
} channel;

typedef struct object {
  kind kind;
  channel *of;
  DWORD next;    /* of a list: the next channel; of records: the next number; of a bookmark: the marked one */
  BOOL is_broken; /* after an error nothing more can be read of it */
  DWORD deafened; /* of its channel when it was made */
  record *record;
  DWORD count;
  wchar_t paths[MAX_PATHS][64];
} object;

static channel channels[MAX_CHANNELS];
static DWORD channel_count;
static volatile LONG open_handles, subscriptions;
static wchar_t refused[64]; /* the function whose next call fails */

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

static BOOL is_refused(const wchar_t *function) {
  if (wcscmp(refused, function)) return FALSE;
  *refused = 0;
  return TRUE;
}

/* The next call of a function, EvtCreateRenderContext or EvtUpdateBookmark, fails. */
EXPORT void WINAPI WeirFakeRefuse(const wchar_t *function) { wcsncpy(refused, function, 63); }

/* A channel that exists from now on, and what its calls fail with: 0 works, 1 fails without an error. */
EXPORT void WINAPI WeirFakeChannel(const wchar_t *name, DWORD error) {
  channel *it = find(name);
  if (!it) {
    if (channel_count == MAX_CHANNELS) abort();
    it = &channels[channel_count++];
    wcsncpy(it->name, name, MAX_TEXT - 1);
  }
  it->silent = error == 1;
  it->error = error == 1 ? 0 : error;
}

static void write(channel *to, const wchar_t *provider, BYTE level, size size, USHORT id, const wchar_t *message) {
  record *made = calloc(1, sizeof *made);
  made->number = ++to->written;
  made->level = level;
  made->size = size;
  made->id = id;
  wcsncpy(made->provider, provider, MAX_TEXT - 1);
  wcsncpy(made->message, message, MAX_TEXT - 1);
  made->before = to->last;
  if (to->last) to->last->next = made;
  else to->first = made;
  to->last = made;
}

/* Writes records into a channel. Level 0xff: the record has none. */
EXPORT void WINAPI WeirFakeRecords(const wchar_t *name, const wchar_t *provider, BYTE level, DWORD count) {
  for (DWORD i = 0; i < count; i++) write(find(name), provider, level, ORDINARY, 0, L"");
}

/* Writes a record that no answer holds beside others, or not even alone. */
EXPORT void WINAPI WeirFakeLarge(const wchar_t *name, const wchar_t *provider, BYTE level, BOOL is_given_alone) {
  write(find(name), provider, level, is_given_alone ? LARGE : TOO_LARGE, 0, L"");
}

/* Writes a record with what its publisher says of it. */
EXPORT void WINAPI WeirFakeMessage(const wchar_t *name, const wchar_t *provider, BYTE level, USHORT id, const wchar_t *message) {
  write(find(name), provider, level, ORDINARY, id, message);
}

/* The log gives up its oldest records. */
EXPORT void WINAPI WeirFakeForget(const wchar_t *name, DWORD count) {
  channel *of = find(name);
  for (DWORD i = 0; i < count && of->first; i++) {
    record *old = of->first;
    of->first = old->next;
    if (of->first) of->first->before = NULL;
    else of->last = NULL;
    free(old);
  }
}

/* The subscriptions that a channel has hear nothing any more, without an error. */
EXPORT void WINAPI WeirFakeDeafen(const wchar_t *name) { find(name)->deafened++; }

/* Subscriptions that were ever made. */
EXPORT LONG WINAPI WeirFakeSubscriptions(void) { return subscriptions; }

/* Handles that were not closed. */
EXPORT LONG WINAPI WeirFakeHandles(void) { return open_handles; }

static EVT_HANDLE open(kind kind, const wchar_t *path, DWORD next) {
  channel *of = find(path);
  if (!of) return (EVT_HANDLE)(size_t)fail(ERROR_EVT_CHANNEL_NOT_FOUND);
  if (of->silent || of->error) return (EVT_HANDLE)(size_t)fail(of->error);
  object *made = make(kind, of);
  made->deafened = of->deafened;
  if (kind == SUBSCRIPTION) InterlockedIncrement(&subscriptions);
  made->next = kind == QUERY ? of->written : next;
  return made;
}

EXPORT EVT_HANDLE WINAPI EvtSubscribe(EVT_HANDLE session, HANDLE signal, LPCWSTR path, LPCWSTR query, EVT_HANDLE bookmark, PVOID context, EVT_SUBSCRIBE_CALLBACK callback, DWORD flags) {
  object *behind = bookmark;
  if (session || !signal || wcscmp(query, L"*") || context || callback || flags != (DWORD)(bookmark ? EvtSubscribeStartAfterBookmark : EvtSubscribeStartAtOldestRecord))
    return (EVT_HANDLE)(size_t)fail(ERROR_INVALID_PARAMETER);
  if (behind && (behind->kind != BOOKMARK || behind->of != find(path))) return (EVT_HANDLE)(size_t)fail(ERROR_INVALID_PARAMETER);
  return open(SUBSCRIPTION, path, behind ? behind->next + 1 : 0);
}

EXPORT EVT_HANDLE WINAPI EvtQuery(EVT_HANDLE session, LPCWSTR path, LPCWSTR query, DWORD flags) {
  if (session || wcscmp(query, L"*") || flags != (EvtQueryChannelPath | EvtQueryReverseDirection)) return (EVT_HANDLE)(size_t)fail(ERROR_INVALID_PARAMETER);
  return open(QUERY, path, 0);
}

/* The next record from a number on: upward for a subscription, downward for a query. */
static record *next_of(const object *from) {
  record *it = from->kind == QUERY ? from->of->last : from->of->first;
  if (from->deafened != from->of->deafened) return NULL;
  while (it && (from->kind == QUERY ? it->number > from->next : it->number < from->next)) it = from->kind == QUERY ? it->before : it->next;
  return it;
}

EXPORT BOOL WINAPI EvtNext(EVT_HANDLE results, DWORD size, EVT_HANDLE *events, DWORD timeout, DWORD flags, DWORD *returned) {
  object *from = results;
  *returned = 0;
  if ((from->kind != SUBSCRIPTION && from->kind != QUERY) || flags || (timeout == 0) != (from->kind == SUBSCRIPTION)) return fail(ERROR_INVALID_PARAMETER);
  if (from->is_broken) return fail(ERROR_INVALID_HANDLE);
  DWORD error = from->of->error;
  record *found[64];
  DWORD count = 0;
  for (record *it = next_of(from); !error && it && count < size && count < 64; it = from->kind == QUERY ? it->before : it->next) {
    if (it->size == TOO_LARGE || (it->size == LARGE && size > 1)) error = RPC_S_INVALID_BOUND;
    found[count++] = it;
  }
  from->is_broken = error != 0;
  if (error) return fail(error);
  for (; *returned < count; (*returned)++) {
    object *event = make(RECORD, from->of);
    event->record = found[*returned];
    from->next = from->kind == QUERY ? event->record->number - 1 : event->record->number + 1;
    events[*returned] = event;
  }
  if (count > 0) return TRUE;
  if (from->kind == QUERY) return fail(ERROR_NO_MORE_ITEMS);
  /* The end once, then what a subscription says that is asked again while nothing has come. */
  static int asked;
  return fail(asked++ == 0 ? ERROR_NO_MORE_ITEMS : ERROR_INVALID_OPERATION);
}

EXPORT EVT_HANDLE WINAPI EvtCreateBookmark(LPCWSTR xml) {
  object *made = make(BOOKMARK, NULL);
  wchar_t name[MAX_TEXT];
  if (xml && (swscanf(xml, L"<BookmarkList><Bookmark Channel='%1000l[^']' RecordId='%lu'", name, &made->next) != 2 || !(made->of = find(name)))) {
    EvtClose(made);
    return (EVT_HANDLE)(size_t)fail(ERROR_INVALID_PARAMETER);
  }
  return made;
}

EXPORT BOOL WINAPI EvtUpdateBookmark(EVT_HANDLE bookmark, EVT_HANDLE event) {
  object *marks = bookmark, *marked = event;
  if (is_refused(L"EvtUpdateBookmark")) return fail(ERROR_NOT_ENOUGH_MEMORY);
  if (marks->kind != BOOKMARK || marked->kind != RECORD) return fail(ERROR_INVALID_PARAMETER);
  marks->of = marked->of;
  marks->next = marked->record->number;
  return TRUE;
}

EXPORT EVT_HANDLE WINAPI EvtCreateRenderContext(DWORD count, LPCWSTR *paths, DWORD flags) {
  if (is_refused(L"EvtCreateRenderContext")) return (EVT_HANDLE)(size_t)fail(ERROR_NOT_ENOUGH_MEMORY);
  object *made = make(RENDERING, NULL);
  BOOL is_known = count > 0 && count <= MAX_PATHS && flags == EvtRenderContextValues;
  for (DWORD i = 0; is_known && i < count; i++) {
    const wchar_t *known[] = {L"Event/System/Provider/@Name", L"Event/System/Level", L"Event/System/EventID", L"Event/System/TimeCreated/@SystemTime"};
    DWORD at = 0;
    while (at < 4 && wcscmp(known[at], paths[i])) at++;
    is_known = at < 4;
    wcsncpy(made->paths[i], paths[i], 63);
  }
  made->count = count;
  if (is_known) return made;
  EvtClose(made);
  return (EVT_HANDLE)(size_t)fail(ERROR_INVALID_PARAMETER);
}

static BOOL render_bookmark(const object *bookmark, DWORD size, wchar_t *text, DWORD *used, DWORD *properties) {
  wchar_t xml[2 * MAX_TEXT];
  int length = swprintf(xml, 2 * MAX_TEXT, L"<BookmarkList>\r\n  <Bookmark Channel='%ls' RecordId='%lu' IsCurrent='true'/>\r\n</BookmarkList>", bookmark->of->name, bookmark->next);
  *used = (DWORD)((length + 1) * sizeof(wchar_t));
  *properties = 0;
  if (size < *used) return fail(ERROR_INSUFFICIENT_BUFFER);
  memcpy(text, xml, *used);
  return TRUE;
}

static BOOL render_xml(const record *it, DWORD size, wchar_t *text, DWORD *used, DWORD *properties) {
  wchar_t xml[2 * MAX_TEXT];
  int length = swprintf(xml, 2 * MAX_TEXT, L"<Event xmlns='x'><System><EventID>%u</EventID></System><EventData><Data>%ls</Data></EventData></Event>", it->id, it->provider);
  *used = (DWORD)((length + 1) * sizeof(wchar_t));
  *properties = 0;
  if (size < *used) return fail(ERROR_INSUFFICIENT_BUFFER);
  memcpy(text, xml, *used);
  return TRUE;
}

EXPORT BOOL WINAPI EvtRender(EVT_HANDLE context, EVT_HANDLE fragment, DWORD flags, DWORD size, PVOID buffer, DWORD *used, DWORD *properties) {
  object *with = context, *event = fragment;
  EVT_VARIANT *values = buffer;
  if (!with && event->kind == BOOKMARK && event->of && flags == EvtRenderBookmark) return render_bookmark(event, size, buffer, used, properties);
  if (!with && event->kind == RECORD && flags == EvtRenderEventXml) return render_xml(event->record, size, buffer, used, properties);
  if (!with || with->kind != RENDERING || event->kind != RECORD || flags != EvtRenderEventValues) return fail(ERROR_INVALID_PARAMETER);
  DWORD text = (DWORD)((wcslen(event->record->provider) + 1) * sizeof(wchar_t));
  *used = with->count * (DWORD)sizeof *values + text;
  *properties = with->count;
  if (size < *used) return fail(ERROR_INSUFFICIENT_BUFFER);
  memset(values, 0, with->count * sizeof *values);
  for (DWORD i = 0; i < with->count; i++) {
    const wchar_t *path = with->paths[i];
    if (wcsstr(path, L"Provider")) {
      values[i].Type = EvtVarTypeString;
      values[i].StringVal = memcpy(values + with->count, event->record->provider, text);
    } else if (wcsstr(path, L"Level")) {
      values[i].Type = event->record->level == 0xff ? EvtVarTypeNull : EvtVarTypeByte;
      values[i].ByteVal = event->record->level == 0xff ? 0 : event->record->level;
    } else if (wcsstr(path, L"EventID")) {
      values[i].Type = EvtVarTypeUInt16;
      values[i].UInt16Val = event->record->id;
    } else {
      /* A second apart, from 2026 on, in 100 ns since 1601. */
      values[i].Type = EvtVarTypeFileTime;
      values[i].FileTimeVal = 134116992000000000ull + event->record->number * 10000000ull;
    }
  }
  return TRUE;
}

EXPORT EVT_HANDLE WINAPI EvtOpenPublisherMetadata(EVT_HANDLE session, LPCWSTR publisher, LPCWSTR file, LCID locale, DWORD flags) {
  if (session || file || locale || flags) return (EVT_HANDLE)(size_t)fail(ERROR_INVALID_PARAMETER);
  return wcscmp(publisher, L"Unknown") ? make(PUBLISHER, NULL) : (EVT_HANDLE)(size_t)fail(ERROR_EVT_PUBLISHER_METADATA_NOT_FOUND);
}

EXPORT BOOL WINAPI EvtFormatMessage(EVT_HANDLE publisher, EVT_HANDLE event, DWORD id, DWORD count, PEVT_VARIANT values, DWORD flags, DWORD size, LPWSTR text, PDWORD used) {
  object *of = publisher, *it = event;
  if (of->kind != PUBLISHER || it->kind != RECORD || id || count || values || flags != EvtFormatMessageEvent) return fail(ERROR_INVALID_PARAMETER);
  if (!*it->record->message) return fail(ERROR_EVT_MESSAGE_NOT_FOUND);
  *used = (DWORD)wcslen(it->record->message) + 1;
  if (size < *used) return fail(ERROR_INSUFFICIENT_BUFFER);
  wcscpy(text, it->record->message);
  return TRUE;
}

EXPORT EVT_HANDLE WINAPI EvtOpenLog(EVT_HANDLE session, LPCWSTR path, DWORD flags) {
  return session || flags != EvtOpenChannelPath ? (EVT_HANDLE)(size_t)fail(ERROR_INVALID_PARAMETER) : open(LOG, path, 0);
}

EXPORT BOOL WINAPI EvtGetLogInfo(EVT_HANDLE log, EVT_LOG_PROPERTY_ID property, DWORD size, PEVT_VARIANT value, PDWORD used) {
  object *it = log;
  const record *oldest = it->of->first;
  if (it->kind != LOG || (property != EvtLogNumberOfLogRecords && property != EvtLogOldestRecordNumber)) return fail(ERROR_INVALID_PARAMETER);
  *used = sizeof *value;
  if (size < *used) return fail(ERROR_INSUFFICIENT_BUFFER);
  value->Type = EvtVarTypeUInt64;
  value->UInt64Val = property == EvtLogOldestRecordNumber ? (oldest ? oldest->number : 0) : oldest ? it->of->written - oldest->number + 1 : 0;
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
  free(handle);
  InterlockedDecrement(&open_handles);
  return TRUE;
}

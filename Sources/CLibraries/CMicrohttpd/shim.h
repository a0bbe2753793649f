/* libmicrohttpd: an HTTP/1.1 server in a library, https://www.gnu.org/software/libmicrohttpd/ */
#pragma once
#include <microhttpd.h>
#include <netinet/in.h>
#include <stddef.h>

/* Limits of a server: bytes of a request's head, connections, seconds without any byte, and bytes of a thread's stack. */
struct fw_http_limits {
  size_t head;
  unsigned connections;
  unsigned timeout;
  size_t stack;
};

/* Leaves percent-encoding as it is: the caller decodes paths itself, once. MHD_OPTION_UNESCAPE_CALLBACK */
static size_t fw_http_keep(void *context, struct MHD_Connection *connection, char *text) {
  (void)context;
  (void)connection;
  size_t length = 0;
  while (text[length]) length++;
  return length;
}

/* MHD_start_daemon(3), which is variadic: one thread for each connection, and no socket of its own: it gets connections
   by MHD_add_connection(3). `begin` gets a request's target as it was sent; what it returns is the request's context for
   `handle` and `end`. `change` is called when a connection begins and when it has ended. Returns NULL where a thread
   cannot be started. */
static inline struct MHD_Daemon *fw_http_start(
    struct fw_http_limits limits, void *context,
    void *(*begin)(void *context, const char *target, struct MHD_Connection *connection),
    MHD_AccessHandlerCallback handle, MHD_RequestCompletedCallback end, MHD_NotifyConnectionCallback change) {
  return MHD_start_daemon(
      MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL | MHD_USE_NO_LISTEN_SOCKET |
          MHD_USE_ITC,
      0, NULL, NULL, handle, context,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, limits.head,
      MHD_OPTION_CONNECTION_LIMIT, limits.connections,
      MHD_OPTION_CONNECTION_TIMEOUT, limits.timeout,
      MHD_OPTION_THREAD_STACK_SIZE, limits.stack,
      MHD_OPTION_URI_LOG_CALLBACK, begin, context,
      MHD_OPTION_NOTIFY_COMPLETED, end, context,
      MHD_OPTION_NOTIFY_CONNECTION, change, context,
      MHD_OPTION_UNESCAPE_CALLBACK, fw_http_keep, NULL,
      MHD_OPTION_END);
}

/* MHD_add_connection(3) of a connection over TCP, whose address is not used. MHD closes it, also if it refuses it. */
static inline int fw_http_add(struct MHD_Daemon *daemon, int connection) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  return MHD_add_connection(daemon, connection, (const struct sockaddr *)&address, sizeof address) == MHD_YES;
}

/* MHD_create_response_from_buffer(3) with a copy of the bytes. */
static inline struct MHD_Response *fw_http_response(const void *bytes, size_t count) {
  return MHD_create_response_from_buffer(count, (void *)bytes, MHD_RESPMEM_MUST_COPY);
}

/* The results of callbacks, which Swift imports in another way from each version of the library. */
static const enum MHD_Result fw_http_yes = MHD_YES;
static const enum MHD_Result fw_http_no = MHD_NO;

/* Whether a connection has ended; otherwise it begins. */
static inline int fw_http_ended(enum MHD_ConnectionNotificationCode change) {
  return change == MHD_CONNECTION_NOTIFY_CLOSED;
}

/* MHD_get_connection_values(3) of all headers. */
static inline int fw_http_headers(struct MHD_Connection *connection, MHD_KeyValueIterator visit, void *context) {
  return MHD_get_connection_values(connection, MHD_HEADER_KIND, visit, context);
}

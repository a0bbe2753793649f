/* libcurl: transfers from web servers, https://curl.se/libcurl/c/ */
#pragma once
#include <curl/curl.h>

/* A transfer: what curl_easy_setopt(3), which is variadic, gets. Texts are copied; 0 and NULL leave curl's default. */
struct fw_curl_request {
  const char *url;
  const char *range;
  const char *proxy;
  const char *agent;
  /* The maximum size of a body in bytes, also of a redirect. */
  curl_off_t limit;
  /* The maximum bytes a second. */
  curl_off_t speed;
  /* Seconds to connect, seconds below the minimum speed, seconds in all. */
  long connecting, stalled, total;
  /* The minimum speed in bytes a second. */
  long slowest;
  /* The maximum number of redirects. */
  long redirects;
  /* Whether the server's certificate is verified. */
  long verifies;
  /* What is posted; NULL to get. It is not copied, and must outlive the transfer. */
  const char *body;
  curl_off_t body_size;
  /* For both callbacks. */
  void *context;
  size_t (*receive)(char *bytes, size_t one, size_t count, void *context);
  int (*progress)(void *context, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now);
};

static inline CURLcode fw_curl_prepare(CURL *curl, const struct fw_curl_request *request) {
  curl_easy_reset(curl);
  CURLcode code = curl_easy_setopt(curl, CURLOPT_URL, request->url);
  if (!code) code = curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  if (!code) code = curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  if (!code && request->range) code = curl_easy_setopt(curl, CURLOPT_RANGE, request->range);
  if (!code && request->proxy) code = curl_easy_setopt(curl, CURLOPT_PROXY, request->proxy);
  if (!code) code = curl_easy_setopt(curl, CURLOPT_USERAGENT, request->agent);
  if (code) return code;
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, request->redirects);
  curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, request->limit);
  curl_easy_setopt(curl, CURLOPT_MAX_RECV_SPEED_LARGE, request->speed);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, request->connecting);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, request->slowest);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, request->stalled);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, request->total);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, request->verifies);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, request->verifies ? 2L : 0L);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, request->receive);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, request->context);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, request->progress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, request->context);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  if (request->body) {
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, request->body_size);
  }
  return CURLE_OK;
}

/* CURLINFO_RESPONSE_CODE */
static inline long fw_curl_status(CURL *curl) {
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

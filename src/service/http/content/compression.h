// gzip for text replies, when the client accepts it (RFC 9110, sections 8.4.1 and 12.5.3).
//
// Only bodies that are in memory: files and streams stay as they are, and events must not wait in a
// compressor. Pure functions, thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "service/http/message.h"

namespace wt::http {

/// True when Accept-Encoding prefers gzip to sending as is. Absent or empty: no.
bool AcceptsGzip(const Headers& headers);

/// Text, JSON, XML, scripts and SVG; never event streams.
bool IsCompressibleType(std::string_view content_type);

/// Compresses the body of a final 2xx or 4xx/5xx reply of `bytes_min` and more (0: never), sets
/// Content-Encoding and Vary, and weakens an ETag, because the bytes are others now.
void CompressResponse(const Request& request, std::size_t bytes_min, Response* response);

std::string Gzip(std::string_view bytes);

}  // namespace wt::http

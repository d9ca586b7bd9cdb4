// Recognises files that are often given by mistake, to word the error: a page, an archive, a
// picture, plain text. Pure: thread-safe.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace wt::media {

/// "an HTML page", "a ZIP archive or office document" and so on; empty when unknown. `head` is the
/// beginning of the file; 512 bytes are plenty.
std::string_view DescribeOtherContent(std::span<const std::byte> head);

}  // namespace wt::media

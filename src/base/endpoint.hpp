/// Endpoints as people write them: "HTTP://node:8545/" is "http://node:8545".
#pragma once

#include <string>
#include <string_view>

namespace c2d {

/// Schemes that name a file: of a ledger, of a folder of documents.
inline constexpr std::string_view kLedgerScheme = "ledger:", kDirectoryScheme = "dir:";

/// One spelling of an endpoint (a network, a document store, a provider, a peer): the scheme in lower case, no blanks
/// around it, and no slash at the end of what is no path of a file (`ledger:` and `dir:` name one).
std::string normal_endpoint(std::string_view text);

/// The URL as it may be shown: "http://user:password@node" is "http://…@node".
std::string without_credentials(std::string_view url);

/// Is this a TCP port, 1 to 65535 in digits?
bool is_port(std::string_view text) noexcept;

/// The port as an http(s) URL writes it; empty where it names none.
std::string_view port_of(std::string_view url) noexcept;

/// Does a normal endpoint start with http:// or https://?
bool is_http_endpoint(std::string_view endpoint) noexcept;

}  // namespace c2d

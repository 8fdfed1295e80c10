/// The handles that several parts of the C interface share, and how values cross the border.
#pragma once

#include <c2d/asset_registry.hpp>
#include <c2d/capi/sandbox.h>
#include <c2d/http.hpp>
#include <c2d/key.hpp>
#include <c2d/sandbox.hpp>

#include "base/defaults.hpp"
#include "base/try.hpp"
#include "guard.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct c2d_environment {
    std::shared_ptr<c2d::Clock> clock;
    std::shared_ptr<c2d::Random> random;
    std::shared_ptr<c2d::Logger> logger;
};
struct c2d_key {
    std::shared_ptr<c2d::Signer> signer;
    std::string address;
    /// Only a key in memory has one.
    std::shared_ptr<c2d::PrivateKey> secret;
};
struct c2d_chain {
    c2d::Chain value;
};
struct c2d_document_store {
    std::shared_ptr<c2d::DocumentStore> value;
};
struct c2d_asset_registry {
    c2d::AssetRegistry value;
};
struct c2d_http_response {
    c2d::HttpResponse value;
};

namespace c2d::capi {

/// The caller's data behind a function. Destroyed with us once adopted; until then still the caller's.
class UserData {
public:
    explicit UserData(void* data) : data_(data) {}
    ~UserData() {
        if (destroy_) destroy_(data_);
    }
    UserData(const UserData&) = delete;
    UserData& operator=(const UserData&) = delete;

    /// To be called when nothing can fail any more.
    void adopt(c2d_destroy_function destroy) noexcept { destroy_ = destroy; }
    void* get() const noexcept { return data_; }

private:
    void* data_;
    c2d_destroy_function destroy_ = nullptr;
};

/// An owned copy for a `char** out`.
inline char* copy_text(std::string_view text) {
    char* out = new char[text.size() + 1];
    std::copy(text.begin(), text.end(), out);
    out[text.size()] = '\0';
    return out;
}

inline Result<Unit> give_text(std::string_view text, char** out) {
    *out = copy_text(text);
    return Unit{};
}

/// The hash of a write's transaction, where the caller wants it.
inline Result<Unit> give_transaction(const Result<Receipt>& receipt, uint8_t* out_transaction) {
    if (!receipt) return receipt.error();
    if (out_transaction) std::copy(receipt->transaction.data.begin(), receipt->transaction.data.end(), out_transaction);
    return Unit{};
}

inline std::string_view text_or_empty(const char* text) noexcept { return text ? text : ""; }

/// `one(item)` of each of a caller's `count` items, which it calls `name`.
template <class Item, class One>
auto read_list(const Item* items, std::size_t count, const char* name, One one)
    -> Result<std::vector<typename decltype(one(*items))::value_type>> {
    std::vector<typename decltype(one(*items))::value_type> out;
    if (count != 0 && !items) return null_argument(name);
    for (std::size_t i = 0; i < count; ++i) {
        C2D_TRY(auto value, one(items[i]));
        out.push_back(std::move(value));
    }
    return out;
}

inline Result<std::vector<std::string>> read_texts(const char* const* texts, std::size_t count, const char* name) {
    return read_list(texts, count, name, [name](const char* text) -> Result<std::string> {
        if (!text) return null_argument(name);
        return std::string(text);
    });
}

inline Result<std::optional<TokenId>> optional_token(const char* text) {
    if (!text) return std::optional<TokenId>();
    C2D_TRY(const TokenId id, parse_token(text));
    return std::optional<TokenId>(id);
}

/// What the sandbox's options and limits say (sandbox.cpp); NULL: the defaults.
Result<SandboxOptions> read_sandbox_options(const c2d_sandbox_options* given);
Result<SandboxLimits> read_limits(const c2d_sandbox_limits* given);

/// The clock, randomness and log of an environment, or the defaults, into a C++ option struct.
template <class Options>
void use_environment(const c2d_environment* environment, Options& options) {
    if (!environment) return;
    if constexpr (requires { options.clock; }) options.clock = environment->clock;
    if constexpr (requires { options.random; }) options.random = environment->random;
    if constexpr (requires { options.logger; }) options.logger = environment->logger;
}

/// Hands the caller's progress function to a long call, and turns its stop into the error that the
/// caller sees.
class ProgressCall {
public:
    ProgressCall(c2d_progress_function function, void* user_data) : function_(function), user_data_(user_data) {}

    Progress progress() {
        if (!function_) return {};
        return [this](std::uint64_t done, std::uint64_t total, std::string_view line) {
            if (stop_ != 0 || CallScope::over_now()) return;
            stop_ = function_(done, total, std::string(line).c_str(), user_data_);
            if (stop_ != 0) token_.cancel();
        };
    }
    const CancelToken* token() const noexcept { return &token_; }
    /// The code of the caller's stop on a cancelled call.
    Error finish(Error error) const {
        if (error.status == Status::CANCELLED && stop_ != 0) error.code = std::uint64_t(stop_);
        return error;
    }

private:
    c2d_progress_function function_;
    void* user_data_;
    int stop_ = 0;
    CancelToken token_;
};

}  // namespace c2d::capi

#include "crypto/cmac.hpp"

#include "base/secret.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <openssl/evp.h>
#include <vector>

namespace c2d {
namespace {

constexpr std::size_t kBlock = 16;
using Block = CmacBatch::Tag;

/// OpenSSL fails here only when memory ran out; a tag without a key would be worse than ending.
void require(bool ok) {
    if (!ok) std::abort();
}

/// Times x in the field of 2^128 elements (RFC 4493, section 2.3), in constant time.
Block doubled(const Block& in) {
    Block out;
    std::uint8_t carry = 0;
    for (std::size_t i = kBlock; i-- > 0;) {
        out[i] = static_cast<std::uint8_t>(in[i] << 1 | carry);
        carry = in[i] >> 7;
    }
    out[kBlock - 1] ^= static_cast<std::uint8_t>(0x87 & -carry);
    return out;
}

void add(Block& sum, const std::uint8_t* block) {
    std::uint64_t a[2], b[2];
    std::memcpy(a, sum.data(), kBlock);
    std::memcpy(b, block, kBlock);
    a[0] ^= b[0];
    a[1] ^= b[1];
    std::memcpy(sum.data(), a, kBlock);
}

}  // namespace

struct CmacBatch::State {
    EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
    Block last_whole{}, last_padded{};
    /// Messages whose chains go on, and those of this step.
    std::vector<std::uint32_t> active, now;
    ClearedBytes blocks;

    ~State() {
        EVP_CIPHER_CTX_free(context);
        clear_secret(last_whole.data(), kBlock);
        clear_secret(last_padded.data(), kBlock);
    }
    void encrypt(std::uint8_t* data, std::size_t count) {
        int written = 0;
        require(EVP_EncryptUpdate(context, data, &written, data, static_cast<int>(count)) == 1 &&
                static_cast<std::size_t>(written) == count);
    }
    /// Adds block `number` of a message to its chain; true if it was the last one.
    bool take(BytesView message, std::size_t number, Block& chain) const {
        const BytesView rest = message.subspan(number * kBlock);
        if (rest.size() > kBlock) {
            add(chain, rest.data());
            return false;
        }
        if (rest.size() == kBlock) {
            add(chain, rest.data());
            add(chain, last_whole.data());
            return true;
        }
        Block padded{};
        std::copy(rest.begin(), rest.end(), padded.begin());
        padded[rest.size()] = 0x80;
        add(chain, padded.data());
        add(chain, last_padded.data());
        return true;
    }
};

CmacBatch::CmacBatch(const Key& key) : state_(std::make_unique<State>()) {
    require(state_->context != nullptr);
    require(EVP_EncryptInit_ex(state_->context, EVP_aes_128_ecb(), nullptr, key.data(), nullptr) == 1);
    require(EVP_CIPHER_CTX_set_padding(state_->context, 0) == 1);
    Block zero{};
    state_->encrypt(zero.data(), kBlock);
    state_->last_whole = doubled(zero);
    state_->last_padded = doubled(state_->last_whole);
    clear_secret(zero.data(), kBlock);
}
CmacBatch::~CmacBatch() = default;
CmacBatch::CmacBatch(CmacBatch&&) noexcept = default;
CmacBatch& CmacBatch::operator=(CmacBatch&&) noexcept = default;

void CmacBatch::compute(BytesView bytes, std::span<const std::uint32_t> ends, std::span<Tag> out) {
    State& state = *state_;
    state.active.clear();
    for (std::uint32_t i = 0; i < ends.size(); ++i) {
        out[i] = {};
        state.active.push_back(i);
    }
    state.blocks.resize(ends.size() * kBlock);
    for (std::size_t number = 0; !state.active.empty(); ++number) {
        std::size_t left = 0, count = 0;
        state.now = state.active;
        for (const std::uint32_t i : state.now) {
            const std::uint32_t begin = i == 0 ? 0 : ends[i - 1];
            if (!state.take(bytes.subspan(begin, ends[i] - begin), number, out[i])) state.active[left++] = i;
            std::memcpy(state.blocks.data() + kBlock * count++, out[i].data(), kBlock);
        }
        state.encrypt(state.blocks.data(), count * kBlock);
        for (std::size_t j = 0; j < count; ++j)
            std::memcpy(out[state.now[j]].data(), state.blocks.data() + kBlock * j, kBlock);
        state.active.resize(left);
    }
}

}  // namespace c2d

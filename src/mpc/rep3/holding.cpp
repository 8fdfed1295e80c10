/// Do two parties hold the same of what both should hold?

#include "base/try.hpp"
#include "crypto/hash.hpp"
#include "mpc/rep3/engine.hpp"

#include <algorithm>

namespace c2d::mpc::rep3 {
namespace {

/// Of what the sender holds with one peer, bound to what it is for and to who says it.
Bytes32 mac_of(BytesView key, const Bytes32& context, Role sender, const Words& component) {
    Bytes text(context.data.begin(), context.data.end());
    text.push_back(static_cast<std::uint8_t>(sender));
    const Bytes32 content = sha256(view_of(component));
    text.insert(text.end(), content.data.begin(), content.data.end());
    return hmac_sha256(key, text);
}

}  // namespace

Result<bool> Engine::holds_the_same(const Shares& x, const Bytes32& context) {
    struct Pair {
        Role peer;
        const Words* common;
        Bytes32 key;
    };
    // alpha: A and H; beta: B and H; m: A and B.
    Pair pairs[] = {is_helper() ? Pair{Role::a, &x.p, {}} : Pair{Role::h, &x.p, {}},
                    is_helper() ? Pair{Role::b, &x.q, {}} : Pair{is_a() ? Role::b : Role::a, &x.q, {}}};
    for (Pair& pair : pairs) {
        draw(pair.peer, Purpose::tag, pair.key.data);
        const Bytes32 mine = mac_of(pair.key, context, role_, *pair.common);
        C2D_CHECK(send_buffered(static_cast<unsigned>(pair.peer), mine));
    }
    C2D_CHECK(flush());
    bool same = true;
    for (Pair& pair : pairs) {
        Bytes32 theirs;
        C2D_CHECK(receive(static_cast<unsigned>(pair.peer), theirs.data));
        same = equal_constant_time(theirs, mac_of(pair.key, context, pair.peer, *pair.common)) && same;
        clear_secret(pair.key.data.data(), pair.key.size());
    }
    return same;
}

}  // namespace c2d::mpc::rep3

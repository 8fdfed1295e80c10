/// A ledger with documents: operators, leaves and compositions in a few words, and ways to spoil
/// them.
#pragma once

#include "asset/documents.hpp"
#include "asset/publishing.hpp"
#include "codec/json.hpp"
#include "support/ledger.hpp"
#include "support/node_double.hpp"
#include "support/reason_text.hpp"
#include "support/temp_dir.hpp"

#include <c2d/asset_registry.hpp>

#include <fmt/format.h>

#include <atomic>

namespace c2d::support {

/// JSON from a test's own text.
inline json::Value json_of(std::string_view text) { return must(json::parse(text)); }

/// Another store that counts how often it is asked for a document.
class CountingStore final : public DocumentStore {
public:
    explicit CountingStore(std::shared_ptr<DocumentStore> store) : store_(std::move(store)) {}
    Result<std::string> put(std::string_view document) override { return store_->put(document); }
    Result<std::string> get(std::string_view cid) override {
        ++reads;
        return store_->get(cid);
    }

    std::atomic<std::size_t> reads = 0;

private:
    std::shared_ptr<DocumentStore> store_;
};

class World : public Ledger {
public:
    explicit World(bool accept_legacy_checksum = false)
        : documents(std::make_shared<CountingStore>(must(DocumentStore::directory(folder.path)))) {
        ChainOptions altered = options;
        node = std::make_shared<NodeDouble>(chain->node());
        altered.node = node;
        AssetRegistryOptions registry_options;
        registry_options.documents = documents;
        registry_options.clock = clock;
        registry_options.random = std::make_shared<RepeatableRandom>("registry");
        registry_options.accept_legacy_checksum = accept_legacy_checksum;
        registry.emplace(must(AssetRegistry::open(must(Chain::open(altered)), registry_options)));
    }

    static std::string text(std::string_view name) { return token_text(named_id(name)); }

    OperatorDraft draft(std::string_view name, std::string_view params, std::string_view mpc = "null",
                        std::string_view code = "print(1)") {
        auto metadata = json_of(fmt::format(R"({{"main":{{"type":"Operation","name":"{}","mpc":{}}}}})", name, mpc));
        if (mpc == "null") metadata.find("main")->erase("mpc");
        return {json::compact(metadata), std::string(code), std::string(params), named_id(name)};
    }
    void publish_operator(std::string_view name, std::string_view params, std::string_view mpc = "null") {
        must(registry->publish_operator(signer("admin"), draft(name, params, mpc)));
    }

    /// Attributes of a leaf with one service "s".
    static std::string leaf(std::string_view op, std::string_view constraint, std::string_view attributes = "{}",
                            std::string_view type = "Dataset") {
        return fmt::format(
            R"({{"metadata":{{"main":{{"type":"{}","name":"a leaf"}}}},"services":[{{"index":"s",)"
            R"("endpoint":"127.0.0.1:80","attributes":{},"descriptor":{{"template":"{}","constraint":{}}}}}]}})",
            type, attributes, text(op), constraint);
    }
    /// Attributes of a composition with one service "s" that asks each child's service "s" with a
    /// constraint.
    static std::string composition(std::string_view type,
                                   const std::vector<std::pair<std::string, std::string>>& children) {
        std::string list, workflow;
        for (const auto& [child, constraint] : children) {
            const std::string comma = list.empty() ? "" : ",";
            list += comma + '"' + text(child) + '"';
            workflow += fmt::format(R"({}"{}":{{"service":"s","constraint":{}}})", comma, text(child), constraint);
        }
        return fmt::format(R"({{"metadata":{{"main":{{"type":"{}","name":"a composition"}}}},"child_dts":[{}],)"
                           R"("services":[{{"index":"s","endpoint":{{}},"descriptor":{{"workflow":{{{}}}}}}}]}})",
                           type, list, workflow);
    }

    Result<TokenId> publish(const std::string& owner, std::string_view id, std::string_view attributes) {
        return registry->publish(signer(owner), attributes, named_id(id));
    }
    /// Grants every child to a composition of `owner` and activates it.
    void activate(const std::string& owner, std::string_view cdt) {
        for (const auto& child : must(registry->resolve(named_id(cdt))).children) {
            for (const auto& name : names_)
                if (signer(name).address() == must(chain->token(child)).owner)
                    must(registry->grant(signer(name), child, named_id(cdt)));
        }
        must(registry->activate(signer(owner), named_id(cdt)));
    }
    CountingSigner& organisation(const std::string& key, const std::string& name) {
        names_.push_back(key);
        return Ledger::organisation(key, name);
    }
    CountingSigner& organisation(const std::string& key) { return organisation(key, key); }

    /// Mints `levels` of two compositions each ("left N", "right N"), both made of both of the
    /// level below, the first ones of `leaf` alone: 2 * levels documents, 2^levels paths to the
    /// leaf from a composition over the last two. Returns the constraint that such a one must give
    /// each of its two children.
    std::string mint_diamond(const std::string& owner, unsigned levels, const std::string& leaf,
                             const std::string& constraint) {
        std::vector<std::pair<std::string, std::string>> below = {{leaf, constraint}};
        std::string keyed;
        for (unsigned level = 1; level <= levels; ++level) {
            const std::vector<std::string> sides = {"left " + std::to_string(level), "right " + std::to_string(level)};
            keyed.clear();
            for (const auto& [child, given] : below)
                keyed += fmt::format("{}\"{}\":{}", keyed.empty() ? "{" : ",", text(child), given);
            keyed += "}";
            for (const auto& side : sides) mint_unchecked(owner, side, composition("Dataset", below), false);
            below = {{sides[0], keyed}, {sides[1], keyed}};
        }
        return keyed;
    }
    /// Mints a document as somebody would who uses the contracts without our registry. `change` may
    /// spoil the document before it is sealed.
    template <class Change>
    void mint_unchecked(const std::string& owner, std::string_view id, std::string_view attributes, bool is_leaf,
                        Change change) {
        json::Value ddo = asset::make_ddo(json_of(attributes), named_id(id), signer(owner).address());
        must(asset::pin_templates(ddo, *chain));
        change(ddo);
        const auto sealed = must(asset::seal(ddo, clock->now));
        const auto cid = must(documents->put(sealed.text));
        must(chain->mint(signer(owner), named_id(id), is_leaf, sealed.checksum, cid));
    }
    void mint_unchecked(const std::string& owner, std::string_view id, std::string_view attributes, bool is_leaf) {
        mint_unchecked(owner, id, attributes, is_leaf, [](json::Value&) {});
    }

    std::filesystem::path file_of(std::string_view id) { return folder / must(chain->token(named_id(id))).document; }
    std::filesystem::path operator_file_of(std::string_view id) {
        return folder / must(chain->op_template(named_id(id))).document;
    }
    /// Changes one letter of a stored file, so that it is still JSON.
    static void tamper(const std::filesystem::path& file, const std::string& from, const std::string& to) {
        auto content = read_text(file);
        const auto at = content.find(from);
        REQUIRE(at != std::string::npos);
        write_text(file, content.replace(at, from.size(), to));
    }

    TempDir folder;
    std::shared_ptr<CountingStore> documents;
    std::shared_ptr<NodeDouble> node;
    std::optional<AssetRegistry> registry;

private:
    std::vector<std::string> names_;
};

/// The name of the reason that a failed result carries.
template <class T>
std::string refusal(const Result<T>& result) {
    if (result.ok()) return "accepted";
    CHECK(result.status() == Status::REFUSED);
    return result.error().name;
}

}  // namespace c2d::support

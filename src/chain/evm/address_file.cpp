#include "chain/evm/address_file.hpp"

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/try.hpp"
#include "base/written_text.hpp"

namespace c2d::evm {

namespace {

constexpr std::size_t kBytesMax = 65536;

Result<json::Value> read_content(const std::string& path) {
    C2D_TRY(const auto text, read_written_file(path, kBytesMax));
    auto content = json::parse(text);
    if (!content || !content->is_object())
        return fail(Status::INVALID_ARGUMENT, "{}: expected a JSON object of networks{}{}", path,
                    content ? "" : ", found: ", content ? "" : content.error().message);
    return content;
}

}  // namespace

Result<ContractAddresses> contracts_of(const json::Value& network) {
    ContractAddresses out;
    for (const auto& contract : kDeployed) {
        auto address = parse_address(network.text_at({contract.name}));
        if (!address)
            return fail(Status::INVALID_ARGUMENT, "the address of {}: {}", contract.name, address.error().message);
        out.*contract.address = *address;
    }
    return out;
}

Result<ContractAddresses> read_address_file(const std::string& path, const std::string& network) {
    C2D_TRY(const auto content, read_content(path));
    const json::Value* entry = content.find(network);
    if (!entry) return fail(Status::NOT_FOUND, "{} lacks the network \"{}\"", path, network);
    auto contracts = contracts_of(*entry);
    if (!contracts) return fail(contracts.status(), "{}: {}", path, contracts.error().message);
    return contracts;
}

Result<AddressFile> AddressFile::open_for(const std::string& path, const std::string& network, bool replace) {
    auto content = read_content(path);
    const auto folder = std::filesystem::absolute(path).parent_path();
    std::error_code ignored;
    if (!std::filesystem::is_directory(folder, ignored))
        return fail(Status::NOT_FOUND, "{}: expected a folder {} for it; nothing was deployed", path, folder.string());
    if (!content && content.status() == Status::NOT_FOUND) return AddressFile(path, network, json::Object{});
    if (!content) return content.error();
    if (content->find(network) && !replace) {
        Error error = fail(Status::CONFLICT,
                           "{} names contracts of the network \"{}\" already; nothing was deployed. "
                           "Choose another name, or have the entry replaced",
                           path, network);
        error.name = "network_exists";
        return error;
    }
    return AddressFile(path, network, *std::move(content));
}

Result<Unit> AddressFile::write(const ContractAddresses& contracts) {
    json::Value entry = json::Object{};
    for (const auto& contract : kDeployed) entry.set(contract.name, address_text(contracts.*contract.address));
    content_.set(network_, std::move(entry));
    return write_file_atomic(path_, json::pretty(content_) + "\n");
}

}  // namespace c2d::evm

#include "asset/ddo.hpp"

#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/file_name.hpp"
#include "base/try.hpp"

#include <c2d/request.hpp>

#include <algorithm>

namespace c2d::asset {

namespace {

using json::Value;

constexpr std::string_view kTypes[] = {"Dataset", "Computa", "Model", "Algorithm"};

template <class... Args>
Error invalid(fmt::format_string<Args...> format, Args&&... args) {
    return fail(Status::INVALID_ARGUMENT, format, std::forward<Args>(args)...);
}

Result<TokenId> token_member(const Value& object, std::string_view key) {
    const Value* member = object.find(key);
    if (!member || !member->is_string()) return invalid("member \"{}\" must be a token id", key);
    auto id = parse_token(member->text());
    if (!id) return invalid("member \"{}\": {}", key, id.error().message);
    return id;
}

Result<Address> creator_of(const Value& document) {
    auto address = parse_address(document.text_at({"creator"}));
    if (!address) return invalid("member \"creator\": {}", address.error().message);
    return address;
}

Result<std::vector<WorkflowStep>> read_workflow(const Value& workflow) {
    if (!workflow.is_object() || workflow.members().size() > kChildrenMax)
        return invalid("\"workflow\" must be an object of at most {} children", kChildrenMax);
    std::vector<WorkflowStep> steps;
    for (const auto& [name, step] : workflow.members()) {
        auto child = parse_token(name);
        if (!child) return invalid("\"workflow\": {}", child.error().message);
        const Value* service = step.find("service");
        const Value* constraint = step.find("constraint");
        if (!service || !service->is_string() || !constraint || !constraint->is_object())
            return invalid("\"workflow\" of {} must hold \"service\" and \"constraint\"", name);
        steps.push_back({*child, service->text(), *constraint});
    }
    return steps;
}

Result<Unit> read_leaf_descriptor(const Value& descriptor, Service& service) {
    C2D_TRY(service.op_template, token_member(descriptor, "template"));
    const Value* constraint = descriptor.find("constraint");
    if (!constraint || !constraint->is_object())
        return invalid("service \"{}\" must hold a \"constraint\" object", service.index);
    service.constraint = *constraint;
    if (const Value* pinned = descriptor.find("template_checksum")) {
        auto checksum = parse_bytes32(pinned->text());
        if (!pinned->is_string() || !checksum) return invalid("\"template_checksum\" must be 64 hexadecimal digits");
        service.template_checksum = *checksum;
    }
    return Unit{};
}

Result<Service> read_service(const Value& value, bool leaf) {
    Service service;
    const Value* index = value.find("index");
    const Value* descriptor = value.find("descriptor");
    if (!index || !index->is_string() || index->text().empty())
        return invalid("a service must have a non-empty text \"index\"");
    if (!descriptor || !descriptor->is_object())
        return invalid("service \"{}\" must have a \"descriptor\"", index->text());
    service.index = index->text();
    service.endpoint = value.text_at({"endpoint"});
    if (const Value* attributes = value.find("attributes")) service.attributes = *attributes;
    if (leaf) {
        C2D_CHECK(read_leaf_descriptor(*descriptor, service));
    } else {
        const Value* workflow = descriptor->find("workflow");
        if (!workflow) return invalid("service \"{}\" must have a \"workflow\"", service.index);
        C2D_TRY(service.workflow, read_workflow(*workflow));
    }
    return service;
}

Result<std::vector<TokenId>> read_children(const Value& document) {
    std::vector<TokenId> children;
    const Value* list = document.find("child_dts");
    if (!list || list->is_null()) return children;
    if (!list->is_array() || list->items().size() > kChildrenMax)
        return invalid("\"child_dts\" must be a list of at most {} tokens", kChildrenMax);
    for (const auto& item : list->items()) {
        auto child = parse_token(item.text());
        if (!item.is_string() || !child) return invalid("\"child_dts\" must hold token ids");
        if (std::ranges::find(children, *child) != children.end())
            return invalid("\"child_dts\" names {} twice", item.text());
        children.push_back(*child);
    }
    return children;
}

Result<unsigned> small_number(const Value& object, std::string_view key, unsigned max) {
    const Value* member = object.find(key);
    const auto number = member ? member->as_uint() : std::nullopt;
    if (!number || *number > max) return invalid("\"mpc.{}\" must be a whole number of at most {}", key, max);
    return unsigned(*number);
}

}  // namespace

const Service* Ddo::find_service(std::string_view index) const noexcept {
    for (const auto& service : services)
        if (service.index == index) return &service;
    return nullptr;
}

Result<Ddo> read_ddo(Value document) {
    if (!document.is_object()) return invalid("a DDO must be a JSON object");
    Ddo ddo;
    C2D_TRY(ddo.dt, token_member(document, "dt"));
    C2D_TRY(ddo.creator, creator_of(document));
    ddo.type = document.text_at({"metadata", "main", "type"});
    ddo.name = document.text_at({"metadata", "main", "name"});
    if (std::ranges::find(kTypes, ddo.type) == std::end(kTypes))
        return invalid("\"metadata.main.type\" must be Dataset, Computa, Model or Algorithm, found \"{}\"", ddo.type);
    C2D_TRY(ddo.children, read_children(document));
    const Value* services = document.find("services");
    if (!services || !services->is_array() || services->items().empty() || services->items().size() > kServicesMax)
        return invalid("\"services\" must be a list of 1 to {} services", kServicesMax);
    for (const auto& item : services->items()) {
        C2D_TRY(auto service, read_service(item, ddo.is_leaf()));
        if (ddo.find_service(service.index)) return invalid("service \"{}\" is there twice", service.index);
        ddo.services.push_back(std::move(service));
    }
    if (ddo.is_algorithm() && (ddo.is_leaf() || ddo.services.size() != 1))
        return invalid("an Algorithm must have \"child_dts\" and exactly one service");
    ddo.document = std::move(document);
    return ddo;
}

Result<ProtocolTerms> read_protocol(const Value& document) {
    ProtocolTerms terms;
    const Value* mpc = document.at({"metadata", "main", "mpc"});
    if (!mpc) return terms;
    if (!mpc->is_object()) return invalid("\"metadata.main.mpc\" must be an object");
    C2D_TRY(terms.parties, small_number(*mpc, "parties", 16));
    C2D_TRY(terms.threshold, small_number(*mpc, "threshold", 15));
    if (terms.parties == 0 || terms.threshold >= terms.parties)
        return invalid("\"mpc.threshold\" must be below \"mpc.parties\"");
    if (mpc->find("party")) terms.party = mpc->text_at({"party"});
    if (mpc->find("endpoints")) terms.endpoints = mpc->text_at({"endpoints"});
    if (terms.party.empty() || terms.endpoints.empty())
        return invalid("\"mpc.party\" and \"mpc.endpoints\" must name parameters");
    return terms;
}

namespace {

constexpr std::size_t kOutputsMax = 64;

Result<DeclaredOutput> read_declared_output(const std::string& name, const Value& given) {
    const auto kind = given.text_at({"kind"});
    const Value* const bytes_max = given.find("bytes_max");
    const auto number = bytes_max ? bytes_max->as_uint() : std::optional<std::uint64_t>(0);
    if (!is_plain_name(name)) return invalid("\"metadata.main.outputs\": \"{}\" is no file name", name);
    if (!given.is_object() || (kind != "released" && kind != "kept"))
        return invalid("\"metadata.main.outputs.{}.kind\" must be \"released\" or \"kept\"", name);
    if (!number || (bytes_max && *number == 0))
        return invalid("\"metadata.main.outputs.{}.bytes_max\" must be a positive whole number", name);
    for (const auto& [member, value] : given.members())
        if (member != "kind" && member != "bytes_max")
            return invalid("\"metadata.main.outputs.{}\" has \"kind\" and \"bytes_max\", found \"{}\"", name, member);
    return DeclaredOutput{kind == "kept", *number};
}

}  // namespace

Result<DeclaredOutputs> read_declared_outputs(const Value& document) {
    const Value* const given = document.at({"metadata", "main", "outputs"});
    if (!given) return DeclaredOutputs();
    if (!given->is_object() || given->members().size() > kOutputsMax)
        return invalid("\"metadata.main.outputs\" must be an object of at most {} names", kOutputsMax);
    std::map<std::string, DeclaredOutput> out;
    for (const auto& [name, value] : given->members()) {
        C2D_TRY(out[name], read_declared_output(name, value));
    }
    return DeclaredOutputs(std::move(out));
}

Result<OpTemplateDocument> read_op_template(Value document) {
    if (!document.is_object()) return invalid("an operator template must be a JSON object");
    OpTemplateDocument out;
    C2D_TRY(out.tid, token_member(document, "tid"));
    C2D_TRY(out.creator, creator_of(document));
    out.name = document.text_at({"metadata", "main", "name"});
    const Value* operation = document.find("operation");
    const Value* params = document.find("params");
    if (!operation || !operation->is_string() || operation->text().empty())
        return invalid("\"operation\" must be the program text");
    out.operation = operation->text();
    out.params = params ? *params : Value();
    // The original SDK stores the parameters as text.
    if (out.params.is_string()) {
        C2D_TRY(out.params, json::parse(out.params.text()));
    }
    if (!out.params.is_object()) return invalid("\"params\" must be a JSON object");
    C2D_TRY(out.protocol, read_protocol(document));
    C2D_TRY(out.outputs, read_declared_outputs(document));
    out.document = std::move(document);
    return out;
}

namespace {

/// A positive whole number, or 0 when there is none.
Result<std::uint64_t> grant_bound(const Value& grant, std::string_view name) {
    const Value* given = grant.find(name);
    if (!given) return std::uint64_t(0);
    const auto number = given->as_uint();
    if (!number || *number == 0)
        return fail(Status::INVALID_ARGUMENT, "attributes.grant.{}: expected a positive whole number, found {}", name,
                    display_text(json::compact(*given)));
    return *number;
}

constexpr std::string_view kGrantMembers[] = {"seconds", "jobs", "renew", "per"};

Result<Unit> read_renewal(const Value& grant, GrantTerms& terms) {
    if (const Value* renew = grant.find("renew")) {
        const auto number = renew->as_uint();
        if (!number)
            return invalid("attributes.grant.renew: expected a whole number, found {}",
                           display_text(json::compact(*renew)));
        terms.renew = *number;
    }
    if (const Value* per = grant.find("per")) {
        terms.per_composer = per->is_string() && per->text() == "composer";
        if (!terms.per_composer && !(per->is_string() && per->text() == "composition"))
            return invalid("attributes.grant.per: expected \"composer\" or \"composition\", found {}",
                           display_text(json::compact(*per)));
    }
    return Unit{};
}

std::uint64_t stricter(std::uint64_t one, std::uint64_t other) {
    return one == 0 || (other != 0 && other < one) ? other : one;
}

}  // namespace

Result<GrantTerms> grant_terms_of(const Service& service) {
    GrantTerms terms;
    const Value* grant = service.attributes.find("grant");
    if (!grant) return terms;
    if (!grant->is_object())
        return invalid("attributes.grant: expected an object with seconds or jobs, found {}",
                       display_text(json::compact(*grant)));
    for (const auto& [name, value] : grant->members())
        if (std::ranges::find(kGrantMembers, name) == std::end(kGrantMembers))
            return invalid("attributes.grant: \"{}\" is none of {}", display_text(name),
                           fmt::join(kGrantMembers, ", "));
    C2D_TRY(terms.seconds, grant_bound(*grant, "seconds"));
    C2D_TRY(terms.jobs, grant_bound(*grant, "jobs"));
    if (!terms.bounded() && (grant->find("renew") || grant->find("per")))
        return invalid("attributes.grant: renew and per need seconds or jobs, without which a grant never ends");
    C2D_CHECK(read_renewal(*grant, terms));
    return terms;
}

Result<std::uint32_t> attempts_of(const Value& attributes) {
    const Value* const attempts = attributes.find("attempts");
    if (!attempts) return std::uint32_t(1);
    const auto number = attempts->as_uint();
    if (!number || *number == 0 || *number > kAttemptsMax)
        return invalid("attributes.attempts: expected a whole number from 1 to {}, found {}", kAttemptsMax,
                       display_text(json::compact(*attempts)));
    return std::uint32_t(*number);
}

Result<GrantTerms> Ddo::grant_terms() const {
    GrantTerms strictest;
    for (const auto& service : services) {
        C2D_TRY(const auto terms, grant_terms_of(service));
        if (!terms.bounded()) continue;
        strictest.renew = strictest.bounded() ? std::min(strictest.renew, terms.renew) : terms.renew;
        strictest.per_composer =
            strictest.bounded() ? strictest.per_composer || terms.per_composer : terms.per_composer;
        strictest.seconds = stricter(strictest.seconds, terms.seconds);
        strictest.jobs = stricter(strictest.jobs, terms.jobs);
    }
    return strictest;
}

}  // namespace c2d::asset

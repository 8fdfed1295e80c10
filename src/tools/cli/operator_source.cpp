#include "tools/cli/operator_source.hpp"

#include "base/fail.hpp"
#include "base/file_name.hpp"
#include "base/try.hpp"
#include "base/written_text.hpp"
#include "codec/json.hpp"
#include "tools/cli/attributes.hpp"

#include <c2d/sandbox.hpp>

#include <algorithm>

namespace c2d::cli {

namespace fs = std::filesystem;

namespace {

using json::Value;

constexpr std::size_t kCodeBytesMax = std::size_t(16) << 20;
constexpr const char* kProgram = "operator.py";
constexpr const char* kAttributes = "op_attr.json";

Result<fs::path> shipped_folder() {
    const auto runtime = PythonRuntime::find();
    for (const auto& mount : runtime.mounts) {
        std::error_code ignored;
        if (fs::is_directory(mount.host / "operators", ignored)) return mount.host / "operators";
    }
    return fail(Status::NOT_FOUND,
                "the Python package c2d, which the shipped operators lie in, was not found; name its folder in "
                "C2D_PYTHON_PATH");
}

std::optional<std::vector<std::string>> kept_of(const Value* outputs) {
    if (!outputs || !outputs->is_object()) return {};
    std::vector<std::string> out;
    for (const auto& [name, output] : outputs->members())
        if (output.text_at({"kind"}) == "kept") out.push_back(name);
    return out;
}

/// The arguments that there are, of the file that the attributes name.
Result<std::optional<std::vector<std::string>>> parameters_of(const Value& attributes, const fs::path& folder) {
    const fs::path file = folder / fs::path(attributes.text_at({"params"})).filename();
    std::error_code ignored;
    if (!fs::is_regular_file(file, ignored)) return std::optional<std::vector<std::string>>();
    C2D_TRY(const auto text, read_written_file(file, kCodeBytesMax));
    const auto params = json::parse(text);
    if (!params || !params->is_object())
        return fail(Status::INVALID_ARGUMENT, "{}: expected an object of parameters", file.string());
    std::vector<std::string> out;
    for (const auto& [name, bound] : params->members()) out.push_back(name);
    return std::optional(std::move(out));
}

/// What the attributes beside an operator's text say of it; nothing where they are another one's.
Result<Unit> read_beside(const fs::path& file, OperatorSource& out) {
    const fs::path attributes = out.folder / kAttributes;
    std::error_code ignored;
    if (fs::is_regular_file(out.folder / "args.json", ignored)) out.args = out.folder / "args.json";
    for (unsigned party = 0; party < 3; ++party) {
        const auto tables = out.folder / "mock" / fmt::format("party_{}", party);
        if (fs::is_directory(tables, ignored)) out.mock.emplace(party, tables);
    }
    if (!fs::is_regular_file(attributes, ignored)) return Unit{};
    C2D_TRY(const auto text, read_attributes(attributes.string(), {}));
    const auto said = json::parse(text);
    if (!said) return fail(said.status(), "{}: {}", attributes.string(), said.error().message);
    if (fs::path(said->text_at({"operation"})).filename() != file.filename()) return Unit{};
    out.description = said->text_at({"metadata", "main", "desc"});
    C2D_TRY(out.parameters, parameters_of(*said, out.folder));
    const Value* const protocol = said->at({"metadata", "main", "mpc"});
    out.joint = protocol != nullptr;
    if (protocol) out.party_argument = protocol->text_at({"party"});
    out.kept_names = kept_of(said->at({"metadata", "main", "outputs"}));
    return Unit{};
}

}  // namespace

Result<std::vector<std::string>> shipped_operators() {
    C2D_TRY(const auto folder, shipped_folder());
    std::vector<std::string> out;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error))
        if (fs::is_regular_file(entry.path() / kProgram, error)) out.push_back(entry.path().filename().string());
    std::ranges::sort(out);
    return out;
}

Result<fs::path> operator_skeleton() {
    C2D_TRY(const auto folder, shipped_folder());
    return folder / "skeleton";
}

Result<fs::path> shipped_operator(const std::string& name) {
    C2D_TRY(const auto names, shipped_operators());
    if (std::ranges::find(names, name) == names.end())
        return fail(Status::NOT_FOUND, "no operator \"{}\" ships; there are: {}", name, fmt::join(names, ", "));
    C2D_TRY(const auto folder, shipped_folder());
    return folder / name;
}

Result<OperatorSource> find_operator(const std::string& code) {
    std::error_code ignored;
    fs::path file = code;
    if (fs::is_directory(file, ignored)) {
        file /= kProgram;
    } else if (!fs::exists(file, ignored)) {
        if (!is_plain_name(code)) return fail(Status::NOT_FOUND, "there is no file {}", code);
        auto folder = shipped_operator(code);
        if (!folder)
            return fail(Status::NOT_FOUND, "there is no file or folder {}, and {}", code, folder.error().message);
        file = *folder / kProgram;
    }
    OperatorSource out;
    C2D_TRY(out.code, read_written_file(file, kCodeBytesMax));
    out.folder = fs::absolute(file).parent_path();
    C2D_CHECK(read_beside(file, out));
    return out;
}

}  // namespace c2d::cli

/// Runs a fuzz target on each file of a corpus, so that every ordinary test run does.
#include "base/file.hpp"
#include "fuzz/fuzz.hpp"

#include <algorithm>
#include <vector>

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: %s CORPUS_DIRECTORY\n", argv[0]);
        return 2;
    }
    std::vector<std::filesystem::path> files;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(argv[1], error))
        if (entry.is_regular_file()) files.push_back(entry.path());
    if (error || files.empty()) {
        std::fprintf(stderr, "%s holds no corpus\n", argv[1]);
        return 1;
    }
    std::sort(files.begin(), files.end());
    for (const auto& file : files) {
        const auto content = c2d::read_file(file, std::size_t(64) << 20);
        if (!content) {
            std::fprintf(stderr, "%s\n", content.error().message.c_str());
            return 1;
        }
        // Printed before the run: the last line names the file that broke the promise.
        std::printf("%s\n", file.filename().c_str());
        std::fflush(stdout);
        const auto bytes = c2d::as_bytes(*content);
        // A copy of exactly this length, so that a sanitizer sees a step past the end.
        const std::vector<std::uint8_t> exact(bytes.begin(), bytes.end());
        LLVMFuzzerTestOneInput(exact.data(), exact.size());
    }
    std::printf("%zu files replayed\n", files.size());
    return 0;
}

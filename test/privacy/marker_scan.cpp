// Searches files and the memory of processes for many byte patterns at once, at every alignment.
//
//     marker_scan PATTERNS TARGET…
//
// PATTERNS holds lines "LABEL HEX", patterns of 8 bytes or more. A TARGET is a path (a folder: all
// files below it) or `pid:N` (all pages of that process that exist, by /proc/N/mem; needs the right
// to trace it). For each file or process one line is printed: the number of the TARGET (from 0), the
// file or process, bytes read, hits, the first few hits as OFFSET=LABEL; separated by tabs. What cannot
// be read has `gone` or `unreadable` for the byte count. Exit 0 whatever was found, 2 for wrong usage.

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <unordered_map>
#include <vector>

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kKeyBytes = sizeof(std::uint64_t);
constexpr std::size_t kChunkBytes = std::size_t{1} << 20;
constexpr std::size_t kShownHitsMax = 4;

std::uint64_t key_at(const unsigned char* bytes) {
    std::uint64_t key;
    std::memcpy(&key, bytes, sizeof key);
    return key;
}

struct Pattern {
    std::string label;
    std::string bytes;
};

/// All patterns, found by their first eight bytes: a bit map answers "surely not" for nearly every
/// position, a hash map knows the rest.
class Patterns {
public:
    bool read(const char* path) {
        std::ifstream file(path);
        std::string label, hex;
        while (file >> label >> hex) {
            Pattern pattern{label, {}};
            for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
                pattern.bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
            if (pattern.bytes.size() < kKeyBytes) return false;
            add(std::move(pattern));
        }
        return file.eof() && !by_key_.empty();
    }
    std::size_t bytes_max() const { return bytes_max_; }

    /// Calls found(offset, pattern) for each pattern that begins in the first `starts` bytes.
    template <class Found>
    void search(const unsigned char* data, std::size_t size, std::size_t starts, Found found) const {
        if (size < kKeyBytes) return;
        const std::size_t end = std::min(starts, size - kKeyBytes + 1);
        for (std::size_t i = 0; i < end; ++i) {
            const std::uint64_t key = key_at(data + i);
            const std::size_t bit = bit_of(key);
            if (((bits_[bit / 64] >> (bit % 64)) & 1) == 0) continue;
            const auto candidates = by_key_.find(key);
            if (candidates == by_key_.end()) continue;
            for (const Pattern& pattern : candidates->second)
                if (pattern.bytes.size() <= size - i &&
                    std::memcmp(data + i, pattern.bytes.data(), pattern.bytes.size()) == 0)
                    found(i, pattern);
        }
    }

private:
    static constexpr unsigned kBitsLog = 18;
    static std::size_t bit_of(std::uint64_t key) {
        return static_cast<std::size_t>((key * 0x9E3779B97F4A7C15u) >> (64 - kBitsLog));
    }
    void add(Pattern pattern) {
        const std::uint64_t key = key_at(reinterpret_cast<const unsigned char*>(pattern.bytes.data()));
        const std::size_t bit = bit_of(key);
        bits_[bit / 64] |= std::uint64_t{1} << (bit % 64);
        bytes_max_ = std::max(bytes_max_, pattern.bytes.size());
        by_key_[key].push_back(std::move(pattern));
    }

    std::size_t bytes_max_ = 0;
    std::vector<std::uint64_t> bits_ = std::vector<std::uint64_t>((std::size_t{1} << kBitsLog) / 64);
    std::unordered_map<std::uint64_t, std::vector<Pattern>> by_key_;
};

/// Takes one stream piece by piece; patterns across pieces are found.
class Scanner {
public:
    explicit Scanner(const Patterns& patterns) : patterns_(patterns), buffer_(kChunkBytes + patterns.bytes_max()) {}

    /// A new stream begins at `offset`: what came before does not continue here.
    void begin(std::uint64_t offset) {
        held_ = 0;
        at_ = offset;
    }
    std::uint64_t next() const { return at_ + held_; }
    /// Where the next piece goes, and how much of it fits.
    unsigned char* room() { return buffer_.data() + held_; }
    static constexpr std::size_t kRoomBytes = kChunkBytes;

    /// `count` bytes were put into `room`.
    void take(std::size_t count) {
        const std::size_t size = held_ + count;
        bytes_ += count;
        // A start whose longest pattern does not fit yet waits for the next piece, if there is one;
        // shorter patterns there would be found twice, so they wait as well.
        const std::size_t tail = std::min(size, patterns_.bytes_max() - 1);
        scan(size, size - tail);
        std::memmove(buffer_.data(), buffer_.data() + size - tail, tail);
        at_ += size - tail;
        held_ = tail;
    }
    /// The stream is over: what waited is looked at now.
    void end() {
        scan(held_, held_);
        at_ += held_;
        held_ = 0;
    }
    std::uint64_t bytes() const { return bytes_; }
    std::uint64_t hits() const { return hits_; }
    const std::string& shown() const { return shown_; }

private:
    void scan(std::size_t size, std::size_t starts) {
        patterns_.search(buffer_.data(), size, starts, [this](std::size_t i, const Pattern& pattern) {
            if (hits_++ >= kShownHitsMax) return;
            char text[32];
            std::snprintf(text, sizeof text, "%llx", static_cast<unsigned long long>(at_ + i));
            shown_ += (shown_.empty() ? "" : " ") + std::string(text) + "=" + pattern.label;
        });
    }

    const Patterns& patterns_;
    std::vector<unsigned char> buffer_;
    std::size_t held_ = 0;
    std::uint64_t at_ = 0, bytes_ = 0, hits_ = 0;
    std::string shown_;
};

/// A file or process, and the number of the target that it belongs to.
struct Source {
    int number;
    std::string name;
};

void print(const Source& source, const Scanner& scanner) {
    std::printf("%d\t%s\t%llu\t%llu\t%s\n", source.number, source.name.c_str(),
                static_cast<unsigned long long>(scanner.bytes()), static_cast<unsigned long long>(scanner.hits()),
                scanner.shown().c_str());
}
void print_unread(const Source& source, bool gone) {
    std::printf("%d\t%s\t%s\t0\t\n", source.number, source.name.c_str(), gone ? "gone" : "unreadable");
}

void scan_file(const Patterns& patterns, int number, const fs::path& path) {
    const Source source{number, path.string()};
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) return print_unread(source, errno == ENOENT);
    Scanner scanner(patterns);
    for (;;) {
        const ssize_t n = ::read(fd, scanner.room(), Scanner::kRoomBytes);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            ::close(fd);
            return print_unread(source, false);
        }
        if (n == 0) break;
        scanner.take(static_cast<std::size_t>(n));
    }
    ::close(fd);
    scanner.end();
    print(source, scanner);
}

void scan_path(const Patterns& patterns, int number, const fs::path& path) {
    std::error_code error;
    const auto status = fs::symlink_status(path, error);
    if (error || !fs::exists(status)) return print_unread({number, path.string()}, true);
    if (fs::is_regular_file(status)) return scan_file(patterns, number, path);
    if (!fs::is_directory(status)) return;  // sockets, devices and links hold no bytes of their own
    std::vector<fs::path> entries;
    for (fs::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error))
        entries.push_back(entry->path());
    if (error && entries.empty()) return print_unread({number, path.string()}, false);
    for (const auto& entry : entries) scan_path(patterns, number, entry);
}

/// The pages of one mapping that exist: in memory, or swapped out.
class Pages {
public:
    explicit Pages(int pagemap) : pagemap_(pagemap), size_(static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE))) {}

    /// Calls each(address, bytes) for the runs of pages in [first, end) that exist.
    template <class Each>
    void runs(std::uint64_t first, std::uint64_t end, Each each) {
        std::vector<std::uint64_t> entries(4096);
        for (std::uint64_t at = first; at < end;) {
            const std::uint64_t pages = std::min<std::uint64_t>(entries.size(), (end - at) / size_);
            const ssize_t n = ::pread(pagemap_, entries.data(), pages * 8, static_cast<off_t>(at / size_ * 8));
            if (n <= 0) return;
            const std::uint64_t got = static_cast<std::uint64_t>(n) / 8;
            for (std::uint64_t i = 0; i < got;) {
                std::uint64_t j = i;
                while (j < got && (entries[j] >> 62) != 0) ++j;
                if (j > i) each(at + i * size_, (j - i) * size_);
                i = j + 1;
            }
            at += got * size_;
        }
    }

private:
    int pagemap_;
    std::uint64_t size_;
};

void scan_process(const Patterns& patterns, int number, const std::string& pid) {
    const Source source{number, "pid:" + pid};
    const std::string folder = "/proc/" + pid;
    std::ifstream maps(folder + "/maps");
    const int memory = ::open((folder + "/mem").c_str(), O_RDONLY | O_CLOEXEC);
    const int open_error = errno;
    const int pagemap = ::open((folder + "/pagemap").c_str(), O_RDONLY | O_CLOEXEC);
    if (!maps || memory < 0 || pagemap < 0) {
        if (memory >= 0) ::close(memory);
        if (pagemap >= 0) ::close(pagemap);
        return print_unread(source, !fs::exists(folder) || open_error == ENOENT || open_error == ESRCH);
    }
    Scanner scanner(patterns);
    Pages pages(pagemap);
    for (std::string line; std::getline(maps, line);) {
        unsigned long long first = 0, end = 0;
        if (std::sscanf(line.c_str(), "%llx-%llx", &first, &end) != 2) continue;
        if (line.ends_with("[vsyscall]") || line.ends_with("[vvar]")) continue;  // the kernel's
        // Also what the process itself may not read: the pages are there all the same.
        pages.runs(first, end, [&](std::uint64_t at, std::uint64_t bytes) {
            if (at != scanner.next()) {
                scanner.end();
                scanner.begin(at);
            }
            while (bytes > 0) {
                const std::size_t want = std::min<std::uint64_t>(bytes, Scanner::kRoomBytes);
                const ssize_t n = ::pread(memory, scanner.room(), want, static_cast<off_t>(at));
                if (n <= 0) return;  // unmapped meanwhile
                scanner.take(static_cast<std::size_t>(n));
                at += static_cast<std::uint64_t>(n);
                bytes -= static_cast<std::uint64_t>(n);
            }
        });
    }
    scanner.end();
    ::close(memory);
    ::close(pagemap);
    if (scanner.bytes() == 0) return print_unread(source, true);
    print(source, scanner);
}

}  // namespace

int main(int argc, char** argv) {
    Patterns patterns;
    if (argc < 3 || !patterns.read(argv[1])) {
        std::fprintf(stderr, "usage: marker_scan PATTERNS TARGET…; patterns of at least 8 bytes\n");
        return 2;
    }
    for (int i = 2; i < argc; ++i) {
        const std::string_view target = argv[i];
        if (target.starts_with("pid:"))
            scan_process(patterns, i - 2, std::string(target.substr(4)));
        else
            scan_path(patterns, i - 2, fs::path(target));
    }
    return 0;
}

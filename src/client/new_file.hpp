/// A file that appears under its name only once it is whole.
#pragma once

#include "base/beneath.hpp"

#include <c2d/environment.hpp>

#include <string>

namespace c2d::client {

class NewFile {
public:
    /// Makes a file of a random name, for its owner alone, in an open folder; `folder` must outlive
    /// it.
    static Result<NewFile> create(int folder, std::string name, Random& random);
    NewFile(NewFile&& other) noexcept;
    NewFile& operator=(NewFile&&) = delete;
    /// Removes what was not published.
    ~NewFile();

    Result<Unit> write(BytesView bytes) { return write_fd(fd_.get(), bytes); }
    /// All is written: syncs and closes.
    Result<Unit> close();
    /// Renames. Fails with `conflict` when something stands there, unless it may be replaced.
    Result<Unit> publish(bool replace);

private:
    NewFile(int folder, std::string name, std::string temporary, Fd fd)
        : folder_(folder), name_(std::move(name)), temporary_(std::move(temporary)), fd_(std::move(fd)) {}

    int folder_;
    std::string name_;
    /// Empty once published.
    std::string temporary_;
    Fd fd_;
};

/// Fails with `conflict` when a name is taken, by a link too.
Result<Unit> check_absent(int folder, const std::string& name);
/// A folder in an open folder, made for its owner alone when it is not there; no link to one.
Result<Fd> enter_folder(int folder, const std::string& name);

}  // namespace c2d::client

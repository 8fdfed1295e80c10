/// How long requests may wait for documents. Whoever composes chooses where the documents lie, and so how long a
/// thread that reads them is held; a few may be held for long, and the others serve whoever's documents come soon.
#pragma once

#include <c2d/document_store.hpp>

#include <chrono>
#include <map>
#include <mutex>
#include <string>

namespace c2d::provider {

/// Thread-safe.
class LongReads {
public:
    struct Bounds {
        unsigned all_max = 1;
        unsigned per_party_max = 1;
        /// What the documents of a request may take in all when no long read is left for it.
        std::chrono::milliseconds otherwise{1'000};
    };
    explicit LongReads(const Bounds& bounds) : bounds_(bounds) {}

    bool take(const std::string& party);
    void give_back(const std::string& party);
    std::chrono::milliseconds otherwise() const { return bounds_.otherwise; }

private:
    const Bounds bounds_;
    std::mutex mutex_;
    unsigned taken_ = 0;
    std::map<std::string, unsigned> per_party_;
};

/// What this thread reads for one request, until it goes: with one of the long reads from the first document on, else
/// in a short time for all of them.
class DocumentTime {
public:
    DocumentTime(LongReads& reads, std::string party);
    ~DocumentTime();
    DocumentTime(const DocumentTime&) = delete;
    DocumentTime& operator=(const DocumentTime&) = delete;

    /// Whether a document was given up because others' long reads are under way.
    bool ran_out() const { return ran_out_; }
    Result<std::string> read(DocumentStore& documents, std::string_view cid);

private:
    LongReads& reads_;
    const std::string party_;
    bool long_ = false;
    bool ran_out_ = false;
    std::chrono::nanoseconds left_;
};

/// `below`, in the time of the request that the thread works for; unbounded where it works for none.
std::shared_ptr<DocumentStore> within_document_time(std::shared_ptr<DocumentStore> below);

}  // namespace c2d::provider

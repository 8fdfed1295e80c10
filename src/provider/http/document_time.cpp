#include "provider/http/document_time.hpp"

#include "base/call_scope.hpp"

namespace c2d::provider {

namespace {

using SteadyClock = std::chrono::steady_clock;

thread_local DocumentTime* current = nullptr;

class WithinDocumentTime final : public DocumentStore {
public:
    explicit WithinDocumentTime(std::shared_ptr<DocumentStore> below) : below_(std::move(below)) {}
    Result<std::string> put(std::string_view document) override { return below_->put(document); }
    Result<std::string> get(std::string_view cid) override {
        return current ? current->read(*below_, cid) : below_->get(cid);
    }

private:
    const std::shared_ptr<DocumentStore> below_;
};

}  // namespace

bool LongReads::take(const std::string& party) {
    const std::lock_guard lock(mutex_);
    if (taken_ >= bounds_.all_max) return false;
    const auto known = per_party_.find(party);
    if (known != per_party_.end() && known->second >= bounds_.per_party_max) return false;
    ++taken_;
    ++per_party_[party];
    return true;
}

void LongReads::give_back(const std::string& party) {
    const std::lock_guard lock(mutex_);
    --taken_;
    if (--per_party_[party] == 0) per_party_.erase(party);
}

DocumentTime::DocumentTime(LongReads& reads, std::string party)
    : reads_(reads), party_(std::move(party)), left_(reads.otherwise()) {
    current = this;
}

DocumentTime::~DocumentTime() {
    current = nullptr;
    if (long_) reads_.give_back(party_);
}

Result<std::string> DocumentTime::read(DocumentStore& documents, std::string_view cid) {
    if (!long_) long_ = reads_.take(party_);
    if (long_) return documents.get(cid);
    const auto begun = SteadyClock::now();
    auto found = [&] {
        const CallScope scope(begun + left_, nullptr);
        return documents.get(cid);
    }();
    left_ -= std::min<std::chrono::nanoseconds>(left_, SteadyClock::now() - begun);
    if (!found && left_ == std::chrono::nanoseconds(0)) ran_out_ = true;
    return found;
}

std::shared_ptr<DocumentStore> within_document_time(std::shared_ptr<DocumentStore> below) {
    return std::make_shared<WithinDocumentTime>(std::move(below));
}

}  // namespace c2d::provider

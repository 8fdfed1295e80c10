/// What a computation agrees on at the start, what goes in and out, and which function carries out which call.

#include "mpc/local/computation.hpp"

#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/opening_rules.hpp"
#include "base/secret.hpp"
#include "base/try.hpp"
#include "base/version.hpp"
#include "crypto/hash.hpp"
#include "mpc/align/ends.hpp"
#include "mpc/align/request.hpp"
#include "mpc/core/domain.hpp"
#include "mpc/core/input_agreement.hpp"
#include "mpc/guard/derive.hpp"

#include <algorithm>
#include <cstring>

namespace c2d::mpc {
namespace {

constexpr std::size_t kAnnouncementMax = std::size_t{1} << 20;
constexpr const char* kSessionEnded = "session_ended";
/// Of what a peer opens with, in an error.
constexpr std::size_t kHelloShown = 80;

void clear(std::array<Bytes, kParties>& secrets) {
    for (Bytes& secret : secrets) {
        clear_secret(secret.data(), secret.size());
        secret.clear();
    }
}

}  // namespace

Result<std::unique_ptr<LocalComputation>> LocalComputation::open(SessionOptions options) {
    if (!options.link) return fail(Status::INVALID_ARGUMENT, "a session needs a link");
    if (options.link->parties() != kParties)
        return fail(Status::INVALID_ARGUMENT, "a session needs a link to {} parties, found one of {}", kParties,
                    options.link->parties());
    C2D_CHECK(check_rules(options.rules));
    options.link->set_cancel(options.cancel);
    std::unique_ptr<LocalComputation> out(new LocalComputation(std::move(options.link)));
    out->random_ = options.random ? options.random : Random::system();
    out->kept_ = options.kept;
    out->backend_ = options.backend;
    C2D_CHECK(out->agree(options));
    auto protocol = open_protocol(options, *out->link_, *out->random_);
    clear(options.pre_shared);
    C2D_TRY(out->protocol_, std::move(protocol));
    out->checkpoints_ = std::make_unique<Checkpointing>(
        options, *out->link_, *out->protocol_->backend, *out->random_,
        Checkpointing::Session{
            [computation = out.get()](BytesView announcement) { return computation->exchange(announcement); },
            [computation = out.get()] { return computation->disclosures(); }});
    C2D_CHECK(out->checkpoints_->agree());
    return out;
}

/// Programs that do not agree on the protocol must not exchange a share; of the rules for openings the strictest count.
Result<Unit> LocalComputation::agree(const SessionOptions& options) {
    // Who has a place for checkpoints says more before the first call than who has none.
    const std::string hello = fmt::format("{} {}{}\n", kMpcProtocols.front(), name_of(options.backend),
                                          options.checkpoints ? " checkpoints" : "");
    C2D_TRY(const std::vector<Bytes> hellos, exchange(as_bytes(hello + rules_text(options.rules))));
    OpeningRules rules = options.rules;
    std::array<std::size_t, kParties> label_counts{};
    for (unsigned peer = 0; peer < kParties; ++peer) {
        const std::string_view text = as_text(hellos[peer]);
        if (!text.starts_with(hello))
            return fail(Status::PEER, "party {} speaks another protocol than {}, it opens with \"{}\"", peer,
                        std::string_view(hello).substr(0, hello.size() - 1), display_text(text, kHelloShown));
        const auto theirs = rules_from(text.substr(hello.size()));
        if (!theirs)
            return fail(Status::PEER, "party {}: expected its rules for openings, found \"{}\"", peer,
                        display_text(text.substr(hello.size()), kHelloShown));
        rules = strictest(rules, *theirs);
        label_counts[peer] = theirs->label_counts;
    }
    // Bounds of another's table are each party's own; which modes are accepted is told, so that all refuse alike.
    rules.alignment = {rules.alignment.modes, options.rules.alignment.rows_max, options.rules.alignment.common_min,
                       options.rules.alignment.common_share_min};
    guard_ = Guard(rules, label_counts, shares());
    return Unit{};
}

Guard::Shares LocalComputation::shares() {
    return {[this](const Call& call) { return make(call); },
            [this](const Tensor& bit) -> Result<double> {
                C2D_TRY(const auto opened, protocol_->backend->reveal(*bit.data(), {0, 1, 2}));
                return opened->data[0];
            },
            [this] { return agree_on_calls(); }};
}

namespace {

/// What opens values, or takes long.
bool is_remembered(Operation operation) {
    switch (operation) {
        case Operation::reveal:
        case Operation::column_statistics:
        case Operation::auc:
        case Operation::reveal_bin_counts:
        case Operation::train_logistic:
        case Operation::train_linear:
        case Operation::fit_logistic:
        case Operation::fit_linear: return true;
        default: return false;
    }
}

/// Whether all learn if a row is out of its domain.
bool asks_for_a_domain(Operation operation) {
    return operation == Operation::divide || operation == Operation::inverse_sqrt || operation == Operation::sigmoid ||
           operation == Operation::standardise || operation == Operation::score;
}
bool fits_a_model(Operation operation) {
    return operation == Operation::train_logistic || operation == Operation::train_linear ||
           operation == Operation::fit_logistic || operation == Operation::fit_linear ||
           operation == Operation::correlations;
}

}  // namespace

Result<Reply> LocalComputation::run(const Call& call, const TrainProgress& progress) {
    if (ended_) return *ended_;
    auto out = perform(call, progress);
    if (!out) end_after(call, out.error());
    return out;
}

Result<Reply> LocalComputation::perform(const Call& call, const TrainProgress& progress) {
    C2D_CHECK(check_signature(call));
    note(call);
    if (checkpoints_->is_on() && is_remembered(call.operation)) return perform_remembered(call, progress);
    C2D_TRY(Reply out, (this->*handler_of(call.operation))(call, progress));
    if (out.tensor && out.tensor.data()->number == 0)
        std::const_pointer_cast<TensorData>(out.tensor.shared())->number = ++tensors_;
    if (checkpoints_->is_on() && out.tensor && out.tensor.cols() == 1)
        choosing_[out.tensor.data()->number] = out.tensor.shared();
    return out;
}

/// Numbers go on as they did in the attempt that came to its end, whatever of the call was left out this time.
Result<Reply> LocalComputation::perform_remembered(const Call& call, const TrainProgress& progress) {
    Checkpointing& memory = *checkpoints_;
    const bool before = memory.enter(calls_);
    known_ = before ? &memory.now() : nullptr;
    const bool done = known() != nullptr;
    guard_.set_repeating(done ? Guard::Repeats::all : before ? Guard::Repeats::admission : Guard::Repeats::nothing);
    auto out = (this->*handler_of(call.operation))(call, progress);
    guard_.set_repeating(Guard::Repeats::nothing);
    known_ = nullptr;
    if (!out) {
        memory.forget();
        return out;
    }
    if (done) {
        calls_ = memory.now().calls_after;
        tensors_ = memory.now().tensors_after;
    } else if (out->tensor) {
        ++tensors_;
    }
    if (out->tensor) std::const_pointer_cast<TensorData>(out->tensor.shared())->number = tensors_;
    if (done) return out;
    memory.now().opened = out->opened;
    memory.leave(calls_, tensors_, std::const_pointer_cast<TensorData>(out->tensor.shared()));
    return out;
}

Reply LocalComputation::known_model(const Provenance& provenance) const {
    const TensorPtr& model = checkpoints_->tensors().front();
    model->provenance = provenance;
    return {Tensor(model), {}, known_->opened};
}

/// Whoever was refused something does not get to ask for something else. A domain that was left says something of the
/// rows in a call, and asking again and again would find out their values: where the owners ask for minima it is the
/// last answer, and the run's end unless the call was admitted as a model is.
void LocalComputation::end_after(const Call& call, const Error& error) {
    if (error.status == Status::REFUSED) {
        ended_ = error;
        ends_run_ = true;
    }
    const bool of_rows = asks_for_a_domain(call.operation), of_model = fits_a_model(call.operation);
    if (error.status != Status::DOMAIN || !(of_rows || of_model) || !guard_.guards()) return;
    // Of what may be opened itself nothing more is told.
    const auto openable = [&](const Tensor& one) {
        const Provenance& x = one.data()->provenance;
        return x.is_result() && guard_.admit(x.needs).ok();
    };
    if (std::ranges::all_of(call.tensors, openable)) return;
    ended_ = fail(Status::REFUSED, "the session ended: {}", error.message);
    ended_->name = kSessionEnded;
    ends_run_ = of_rows;
}

void LocalComputation::note(const Call& call) {
    Sha256 hash;
    hash.update(calls_);
    const auto add = [&](const void* data, std::size_t bytes) {
        hash.update(BytesView(static_cast<const std::uint8_t*>(data), bytes));
    };
    const auto add_number = [&](std::uint64_t number) { add(&number, sizeof number); };
    add_number(static_cast<std::uint64_t>(call.operation));
    add_number(call.tensors.size());
    for (const Tensor& tensor : call.tensors) add_number(tensor.data()->number);
    // They are announced with inputs: a later attempt may put in others.
    for (const Tensor& tensor : call.tensors) add_number(tensor.rows()), add_number(tensor.cols());
    add_number(call.integers.size());
    add(call.integers.data(), call.integers.size() * sizeof(std::uint64_t));
    add(call.reals.data(), call.reals.size() * sizeof(double));
    if (call.operation == Operation::keep || call.operation == Operation::load)
        add(call.bytes.data(), call.bytes.size());
    // Inputs are their owner's business; what everybody knows is everybody's.
    if (call.operation == Operation::constant && call.data) {
        add_number(call.data->rows);
        add(call.data->data.data(), call.data->data.size() * sizeof(double));
    }
    calls_ = hash.finish();
}

Result<Unit> LocalComputation::agree_on_calls() {
    constexpr unsigned kHelper = 2;
    for (unsigned peer = 0; peer < kHelper; ++peer)
        if (peer != party()) C2D_CHECK(link_->send(peer, calls_));
    // What H itself sends in an opening is nothing.
    if (party() == kHelper) return Unit{};
    for (const unsigned peer : {1 - party(), kHelper}) {
        Bytes32 theirs;
        C2D_CHECK(link_->receive(peer, theirs.data));
        if (theirs == calls_) continue;
        const Error differs =
            fail(Status::PEER,
                 "party {} made other calls than this party: the operators of a job make the same, in "
                 "the same order, with the same public arguments",
                 peer);
        link_->leave(differs);
        return differs;
    }
    return Unit{};
}

Result<Unit> LocalComputation::admit_bits(const Provenance& model, const char* what) {
    if (!guard_.guards()) return Unit{};
    if (!model.is_result())
        return guard_.open_any(
            fmt::format("{}: these features and targets are not of the same rows, each once, or batches "
                        "are too small",
                        what));
    return guard_.admit(model.needs);
}

Result<AlignOptions> LocalComputation::bounded_alignment(const AlignOptions& options) {
    const AlignmentRules& asked = guard_.rules().alignment;
    if ((asked.modes >> static_cast<unsigned>(options.mode) & 1) == 0) {
        ended_ =
            guard_.refuse(kModeNotAccepted,
                          "the terms of a table do not accept alignments of this mode (attributes.alignment.modes)");
        ends_run_ = true;
        return *ended_;
    }
    // With other ids in each call one could ask for anybody, and by how many are common for anybody alone.
    if (aligned_ && !guard_.rules().reveal_any) {
        ended_ = guard_.refuse(kBudgetSpent, "rows were matched already: a session matches two tables once");
        ends_run_ = true;
        return *ended_;
    }
    AlignOptions out = options;
    // Common rows are what is computed on: the owners' bounds hold here whatever the program asks for.
    out.common_min = std::max<std::size_t>({out.common_min, guard_.rules().rows, asked.common_min});
    out.common_share_min = std::max(out.common_share_min, asked.common_share_min);
    out.rows_max = std::min<std::size_t>(out.rows_max, asked.rows_max);
    return out;
}

/// Of arguments that cannot be meant nothing was sent.
void LocalComputation::note_alignment(Status status) { aligned_ = aligned_ || status != Status::INVALID_ARGUMENT; }

/// Whether both inputs are usable, then whether enough is common, then who is.
void LocalComputation::count_alignment(const Error* error) {
    guard_.count("domain");
    if (!error || error->name != kInputUnusable) guard_.count("minimum");
    if (!error) guard_.count("alignment");
}

Result<Alignment> LocalComputation::align(const std::optional<std::vector<IdColumn>>& ids,
                                          const AlignOptions& options) {
    if (ended_) return *ended_;
    if (!checkpoints_->is_on()) return perform_align(ids, options);
    Sha256 hash;
    hash.update(calls_);
    hash.update(as_bytes(fmt::format("align {}", static_cast<unsigned>(options.mode))));
    calls_ = hash.finish();
    // The same rows in the same order, or a training would go on over others.
    if (checkpoints_->enter(calls_)) {
        C2D_CHECK(bounded_alignment(options));
        note_alignment(Status::OK);
        return align_detail::decode_alignment(checkpoints_->now().aligned);
    }
    auto out = perform_align(ids, options);
    if (!out) {
        checkpoints_->forget();
        return out;
    }
    checkpoints_->now().aligned = align_detail::encode_alignment(*out);
    checkpoints_->leave(calls_, tensors_, nullptr);
    return out;
}

Result<Alignment> LocalComputation::perform_align(const std::optional<std::vector<IdColumn>>& ids,
                                                  const AlignOptions& options) {
    C2D_TRY(const AlignOptions bounded, bounded_alignment(options));
    auto out = mpc::align(*link_, ids, bounded, random_.get());
    note_alignment(out.status());
    if (!out.ok() && out.status() != Status::DOMAIN) return out;
    count_alignment(out.ok() ? nullptr : &out.error());
    return out;
}

Result<Reply> LocalComputation::made(const Call& call, Result<TensorPtr> data) const {
    if (!data) return std::move(data).error();
    (*data)->provenance = derive(call, **data, guard_.rules().rows);
    return Reply{Tensor(*std::move(data))};
}

Result<Tensor> LocalComputation::make(const Call& call) {
    C2D_TRY(Reply reply, perform(call, {}));
    return std::move(reply.tensor);
}

/// What an operator tells the others is no result of anything; its owner sees how much it was.
Result<Reply> LocalComputation::run_exchange(const Call& call, const TrainProgress&) {
    Reply out;
    if (!call.bytes.empty() && call.bytes.size() <= kAnnouncementMax) guard_.count("announced", call.bytes.size());
    C2D_TRY(out.announcements, exchange(call.bytes));
    return out;
}

Result<std::vector<Bytes>> LocalComputation::exchange(BytesView announcement) {
    if (announcement.size() > kAnnouncementMax)
        return fail(Status::LIMIT, "an announcement may have {} bytes", kAnnouncementMax);
    const auto length = static_cast<std::uint32_t>(announcement.size());
    Bytes message(4);
    std::memcpy(message.data(), &length, 4);
    message.insert(message.end(), announcement.begin(), announcement.end());
    for (unsigned peer = 0; peer < kParties; ++peer)
        if (peer != party()) C2D_CHECK(link_->send(peer, message));
    std::vector<Bytes> out(kParties);
    out[party()].assign(announcement.begin(), announcement.end());
    for (unsigned peer = 0; peer < kParties; ++peer) {
        if (peer == party()) continue;
        std::uint8_t head[4];
        C2D_CHECK(link_->receive(peer, head));
        std::uint32_t count = 0;
        std::memcpy(&count, head, 4);
        if (count > kAnnouncementMax) return fail(Status::PEER, "party {} announces {} bytes", peer, count);
        out[peer].resize(count);
        C2D_CHECK(link_->receive(peer, out[peer]));
    }
    return out;
}

namespace {

/// The party whose input it is; exactly that one has data.
Result<unsigned> owner_of(const Call& call, unsigned party) {
    const std::uint64_t owner = call.integers[0];
    if (owner >= kParties || (owner == party) != (call.data != nullptr))
        return fail(Status::INVALID_ARGUMENT, "exactly the owner of an input passes data");
    return static_cast<unsigned>(owner);
}

}  // namespace

Result<Reply> LocalComputation::input(const Call& call, const TrainProgress&) {
    C2D_TRY(const unsigned owner, owner_of(call, party()));
    const double magnitude_max = call.reals[0];
    if (!(magnitude_max > 0 && magnitude_max <= kFactorMax))
        return fail(Status::INVALID_ARGUMENT, "magnitude_max must lie in (0, 2^20]");
    const std::string problem = call.data ? problem_of(*call.data, magnitude_max, InputKind::values) : std::string();
    C2D_TRY(const Announcement shape, announce_input(*link_, owner, call.data, problem));
    C2D_TRY(auto out, protocol_->backend->input(owner, call.data, shape.rows, shape.cols, InputKind::values));
    out->bound = magnitude_max;
    out->provenance = of_input(*out, inputs_++, owner);
    return Reply{Tensor(std::move(out))};
}

Result<Reply> LocalComputation::input_labels(const Call& call, const TrainProgress&) {
    C2D_TRY(const unsigned owner, owner_of(call, party()));
    std::string problem = call.data ? problem_of(*call.data, 1, InputKind::labels) : std::string();
    if (call.data && problem.empty() && call.data->cols != 1) problem = "has more than one column of labels";
    C2D_TRY(const Announcement shape, announce_input(*link_, owner, call.data, problem));
    if (shape.cols != 1) return fail(Status::PEER, "party {} announced {} columns of labels", owner, shape.cols);
    C2D_TRY(auto out, protocol_->backend->input(owner, call.data, shape.rows, 1, InputKind::labels));
    out->is_labels = out->is_bits = true;
    out->owner = owner;
    out->bound = 1;
    out->provenance = of_input(*out, inputs_++, owner);
    return Reply{Tensor(std::move(out))};
}

Result<Reply> LocalComputation::constant(const Call& call, const TrainProgress&) {
    if (!call.data) return fail(Status::INVALID_ARGUMENT, "constant: no values");
    const std::string problem = problem_of(*call.data, kFactorMax, InputKind::values);
    if (!problem.empty()) return fail(Status::INVALID_ARGUMENT, "the constant {}", problem);
    C2D_TRY(auto out, protocol_->backend->constant(*call.data));
    out->provenance = of_constant(*call.data);
    return Reply{Tensor(std::move(out))};
}

Result<Reply> LocalComputation::reveal(const Call& call, const TrainProgress&) {
    C2D_TRY(const std::vector<unsigned> to, parties_of(call, 0));
    C2D_CHECK(guard_.open(*call.tensors[0].data()));
    if (known()) return Reply{{}, {}, known()->opened};
    Reply out;
    C2D_TRY(out.opened, protocol_->backend->reveal(*call.tensors[0].data(), to));
    return out;
}

}  // namespace c2d::mpc

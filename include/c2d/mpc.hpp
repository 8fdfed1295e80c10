/// Computing on numbers that no single party sees: three parties, at most one of them curious.
///
/// Every value is a matrix, secret-shared among parties 0, 1 and 2 (replicated secret sharing over
/// Z_2^64, fixed point with 16 fractional bits). All three run the same program: each call below
/// must be made by all three, in the same order and with the same public arguments. Secure against
/// one party that follows the protocol and tries to learn more (semi-honest); two who pool what
/// they hold see everything. docs/mpc/overview.md: what is revealed, and what is not protected.
///
/// A `Session` and the tensors made from it belong to one thread at a time.
#pragma once

#include <c2d/align.hpp>
#include <c2d/environment.hpp>
#include <c2d/opening_rules.hpp>

#include <array>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace c2d::mpc {

inline constexpr unsigned kParties = 3;
/// Fractional bits of ordinary values; a step is 2^-16.
inline constexpr unsigned kFractionBits = 16;
/// Default bound of |x| for inputs; training is exact up to it (see `TrainOptions`).
inline constexpr double kInputMax = 64.0;
/// Features of a training may be declared up to this (`input`'s `magnitude_max`): a standardised 0/1 column that is 1
/// once in a million rows stands there.
inline constexpr double kFeatureMax = 1024.0;
/// Training and `sigmoid` accept |z| < 256 and refuse |z| >= 384 with `domain`.
inline constexpr double kLogitMax = 256.0;
/// `divide`, `reciprocal` and `inverse_sqrt` take divisors in [kDivisorMin, kDivisorMax) and refuse
/// others, and quotients beyond kQuotientMax, with `domain`.
inline constexpr double kDivisorMin = 0x1p-8, kDivisorMax = 0x1p22, kQuotientMax = 0x1p13;
/// Bins of a column, at most.
inline constexpr std::size_t kBinsMax = 62;
/// Rows times columns of one matrix.
inline constexpr std::size_t kElementsMax = std::size_t{1} << 28;

/// A plain matrix of doubles, row by row.
struct Matrix {
    std::size_t rows = 0;
    std::size_t cols = 0;
    std::vector<double> data = {};

    /// One element.
    double& at(std::size_t r, std::size_t c) { return data[r * cols + c]; }
    double at(std::size_t r, std::size_t c) const { return data[r * cols + c]; }
};

/// Reads comma-separated numbers from a regular file or an open descriptor's path. A first line
/// that holds a field which is no number is a header and is skipped; blank lines at the end are
/// allowed; the column count is that of the first line. Fails with `not_found`, `io`, `limit`
/// (more than `bytes_max`), or `invalid_argument` naming the line: a field that is empty, not a
/// finite number, or a line with another number of columns.
Result<Matrix> read_csv(const std::string& path, std::size_t bytes_max = std::size_t{4} << 30);
/// The same from text; `name` is used in messages.
Result<Matrix> parse_csv(std::string_view text, std::string_view name);

/// Bytes to and from the two other parties: ordered, reliable, already authenticated and encrypted.
///
/// One thread at a time, though not always the same: the helper, party 2, sends from a second one
/// while it trains. `send` may buffer, but everything sent is on its way before `receive` waits. A
/// vanished peer is the error `peer` that names the party.
class Link {
public:
    /// What went over it since it was made; bytes by party.
    struct Stats {
        std::uint64_t bytes_sent[kParties] = {};
        std::uint64_t bytes_received[kParties] = {};
        /// How often this party waited for data after having sent or at the start: the length of
        /// its chain of dependent messages.
        std::uint64_t rounds = 0;
    };
    /// Sees every message after encoding; for tests.
    using Transcript = std::function<void(bool outgoing, unsigned peer, BytesView bytes)>;

    virtual ~Link() = default;
    /// Our number, from 0 on, and how many there are: three, or two of a `pair_link`.
    unsigned party() const noexcept { return party_; }
    unsigned parties() const noexcept { return parties_; }
    /// All of `bytes`, behind what was sent to `peer` before; waits while too much is unsent.
    Result<Unit> send(unsigned peer, BytesView bytes);
    /// Waits until `peer` has sent all of `out`.
    Result<Unit> receive(unsigned peer, std::span<std::uint8_t> out);
    /// The rest of a message whose beginning `receive` got, which comes by itself whatever was sent meanwhile: no
    /// round.
    Result<Unit> receive_rest(unsigned peer, std::span<std::uint8_t> out);
    /// Counts so far. `set_transcript`: told of every message, in both directions.
    const Stats& stats() const noexcept { return stats_; }
    void set_transcript(Transcript transcript) { transcript_ = std::move(transcript); }
    /// How long one `receive` may wait (default 10 minutes); then it fails with `peer`.
    void set_timeout(std::chrono::milliseconds timeout) noexcept { timeout_ = timeout; }
    void set_cancel(const CancelToken* cancel) noexcept { cancel_ = cancel; }
    /// Leaves the computation before its end: the others' next wait for us fails with `peer`. A failed `send`
    /// or `receive` does so by itself, since nobody can go on from there.
    void leave(const Error& why) noexcept;

protected:
    explicit Link(unsigned party, unsigned parties = kParties) noexcept : party_(party), parties_(parties) {}
    /// For transports. `do_leave` lets both others know that nothing more comes from here; `broken`: at once, for
    /// no fault of theirs, and nothing is received either from then on.
    virtual void do_leave([[maybe_unused]] bool broken) noexcept {}
    virtual Result<Unit> do_send(unsigned peer, BytesView bytes) = 0;
    virtual Result<Unit> do_receive(unsigned peer, std::span<std::uint8_t> out) = 0;

    unsigned party_;
    unsigned parties_;
    std::chrono::milliseconds timeout_{600'000};
    const CancelToken* cancel_ = nullptr;

private:
    Result<Unit> unless_left(Result<Unit>&& done);

    Stats stats_;
    Transcript transcript_;
    bool may_count_round_ = true;
    bool told_ = false;
    /// Why nothing more is sent or received.
    std::optional<Error> left_;
};

/// Links in memory, for three threads of one process, or two.
std::vector<std::unique_ptr<Link>> memory_links(unsigned parties = kParties);
/// A link over the descriptor that a provider's frame relay serves. The descriptor stays open and
/// belongs to the caller. Fails with `invalid_argument`.
Result<std::unique_ptr<Link>> relay_link(int fd, unsigned party);

/// Where a party of an embedded computation is reached, and the address whose key it must prove.
struct PartyEndpoint {
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;
    Address address = {};
};

/// What `peer_link` needs: three processes that link this library, without provider or sandbox.
struct PeerLinkOptions {
    unsigned party = 0;
    /// Proves parties[party].address.
    std::shared_ptr<Signer> signer = {};
    /// By party number, the same at all three.
    PartyEndpoint parties[kParties] = {};
    /// What all three must have alike: the program (its text or a hash of it), its public arguments, and
    /// a number that no two computations share. A party with others is refused before any share.
    std::string program = {};
    std::string arguments = {};
    std::uint64_t run = 0;
    /// A bound and listening TCP socket, which becomes the call's; -1: parties[party] is bound.
    int listen_fd = -1;
    /// For connecting to both others.
    std::chrono::milliseconds deadline{60'000};
    const CancelToken* cancel = nullptr;
};

/// Connects to both others and proves who is who, as providers do: TLS 1.3 and a signed statement
/// bound to the connection (docs/mpc/wire.md). Lower parties dial higher ones. Blocks. Fails with `peer` (its
/// `name` is peer_missing or peer_disagrees), `cancelled`, `io` or `invalid_argument`.
Result<std::unique_ptr<Link>> peer_link(const PeerLinkOptions& options);
/// The same between two, parties 0 and 1, for `align` without a third; parties[2] is not read.
Result<std::unique_ptr<Link>> pair_link(const PeerLinkOptions& options);

struct Call;
struct Reply;
struct TensorData;
class Computation;

/// A shared matrix: a handle, cheap to copy, whose shape is public and whose content is not.
class Tensor {
public:
    Tensor() = default;
    /// Its public shape; 0 for an empty handle.
    std::size_t rows() const noexcept;
    std::size_t cols() const noexcept;
    explicit operator bool() const noexcept { return data_ != nullptr; }

    explicit Tensor(std::shared_ptr<const TensorData> data) : data_(std::move(data)) {}
    /// What the backend keeps of it; null for an empty handle.
    const TensorData* data() const noexcept { return data_.get(); }
    const std::shared_ptr<const TensorData>& shared() const noexcept { return data_; }

private:
    std::shared_ptr<const TensorData> data_;
};

/// How values are shared.
enum class BackendKind {
    /// Replicated secret sharing: the product.
    rep3,
    /// The oracle for tests: double precision, exact sigmoid. INPUTS TRAVEL IN THE CLEAR.
    clear,
};

/// What `Session::sum` adds up.
enum class Sum {
    /// One number per row: rows x 1.
    each_row,
    /// One number per column: 1 x columns.
    each_column,
    /// One number.
    all,
};

/// How the sigmoid is approached.
enum class SigmoidKind {
    /// A sine series: error at most 1.5e-4, |x| < 256 (see `kLogitMax`), ten rounds.
    series,
    /// Nine straight pieces, chosen by comparisons: error at most 0.0052 for every x, eleven rounds.
    comparison,
};

/// What `Session::score` makes of a row's sum.
enum class ScoreKind {
    /// Points of a scorecard, whole numbers, more is better.
    points,
    /// Of label 1.
    probability,
    /// The sum itself.
    logit,
};
/// The default: 600 points where 50 good ones come to one bad (label 1), and 20 more double that.
struct ScoreOptions {
    ScoreKind kind = ScoreKind::points;
    double points = 600, odds = 50, double_after = 20;
};

/// How often a session opened something of a kind: "sum", "count", "model", "statistics", "auc",
/// "information_value", "label_counts", "coefficients", "points", "probability", "reason_codes", "alignment", "any" (by
/// `reveal_any`), and the bits that all learn: "domain", "minimum", "refusal".
struct Disclosure {
    std::string kind;
    std::uint64_t count = 0;
};

/// Where a party's kept shares stand between sessions. Two parties' together are the value: each party has its own
/// place.
class KeptShares {
public:
    virtual ~KeptShares() = default;
    /// Keeps a record under a name. Fails with `conflict` when there is one already.
    virtual Result<Unit> put(std::string_view name, BytesView record) = 0;
    /// Fails with `not_found`.
    virtual Result<Bytes> get(std::string_view name) = 0;
    /// Files of mode 0600 in a folder, NOT sealed: for development, and for who seals them elsewhere. Beside a provider
    /// the engine has its artifacts instead.
    static std::shared_ptr<KeptShares> folder(const std::filesystem::path& folder);
};

/// Where a party's checkpoints stand between the attempts at one computation (docs/mpc/checkpoints.md). Two parties'
/// together are the state: each party has its own place, which belongs to this computation alone.
class Checkpoints {
public:
    virtual ~Checkpoints() = default;
    /// Adds the newest. The one before it stays, since another party may have no newer one.
    virtual Result<Unit> put(BytesView record) = 0;
    /// Those of earlier attempts, in any order. What a place holds of `attempt` or of later ones another computation
    /// left: that goes.
    virtual Result<std::vector<Bytes>> before(std::uint32_t attempt) = 0;
    /// Files of mode 0600 in a folder, the newest `kCheckpointsKept`, NOT sealed: for development, and for who seals
    /// them elsewhere. A provider seals them beside its artifacts, and removes them when the job has ended for good.
    static std::shared_ptr<Checkpoints> folder(const std::filesystem::path& folder);
};
/// Of one party of one computation, at most.
inline constexpr std::size_t kCheckpointsKept = 3;

/// Where a session goes on: the newest checkpoint that all three parties have.
struct Resumed {
    std::uint32_t attempt = 0;
    /// Which one of that attempt, from 1 on.
    std::uint64_t number = 0;
    /// Steps of the loop that it was written in: iterations of a training, steps of a regression.
    std::uint64_t step = 0;
};

/// What `Session::open` takes. `link` is required.
struct SessionOptions {
    std::unique_ptr<Link> link = {};
    BackendKind backend = BackendKind::rep3;
    /// Of this party.
    OpeningRules rules = {};
    /// Null: the system's. The keys of all masks come from here.
    std::shared_ptr<Random> random = {};
    const CancelToken* cancel = nullptr;
    /// Null: nothing is kept, and nothing is there to load.
    std::shared_ptr<KeptShares> kept = {};
    /// What the keys with each peer are bound to, by party (one's own means nothing): 32 bytes that both know
    /// from elsewhere, such as a hash of the job and of their connection. Zeros bind to nothing. A peer that was told
    /// otherwise is refused with `peer` before any share.
    std::array<Bytes32, kParties> session_binding = {};
    /// A secret agreed on beforehand with each peer, by party; empty: none. It goes into the keys, so that who
    /// records the connection, and learns its keys later, still knows none of them. Cleared once it was used.
    std::array<Bytes, kParties> pre_shared = {};
    /// Null: no checkpoints are written or used. All three parties have a place, or none.
    std::shared_ptr<Checkpoints> checkpoints = {};
    /// How far apart they are written, at least; of the three parties the shortest counts. 0: wherever one may be.
    std::chrono::milliseconds checkpoint_every{60'000};
    /// Which attempt at the computation this is; the same at all parties.
    std::uint32_t attempt = 1;
};

/// How `train_logistic` and `train_linear` train: `iterations` steps of w -= lr * (sum over the batch
/// of x (f(x w + b) - y) + l2 w), f the sigmoid or the identity, the batch drawn uniformly with
/// replacement from the first `split` rows. The bias is not penalised.
struct TrainOptions {
    double lr = 0.01;              ///< on the SUM of the batch; 2^-24 to 1, or 0: nothing is trained
    std::size_t batch_size = 256;  ///< 1 to 8192
    /// Rows 0 to split-1 train, the rest tests. 0: all rows train and there is no evaluation.
    std::size_t split = 0;
    std::size_t iterations = 1;
    /// Public; batches and starting weights are a function of it alone.
    std::uint64_t seed = 0;
    /// Every so many iterations (at 0, n, 2n, …) and after the last, unless that is one iteration later: the domain
    /// check, and the AUC if split > 0.
    std::size_t evaluate_every = 100;
    /// Who learns the AUC.
    unsigned auc_to = 0;
    /// False: three rounds per iteration while all logits are within +-16 (weights off by some 0.002),
    /// and from the segment on in which one was not, five rounds. True: five rounds throughout
    /// (weights off by some 0.00002).
    bool precise = false;
    /// For links of high latency: two rounds per iteration instead of three, and twice the bytes, while
    /// logits are within +-16. Not with `precise`, `l2` or rates below 2^-12.
    bool wide_area = false;
    /// The penalty's weight, 0 to 256. Logistic: takes five rounds throughout, as `precise` does.
    double l2 = 0;
    /// The rate is multiplied by `lr_decay`, in (0, 1], every so many iterations (0: never); it must
    /// not fall below 2^-24.
    double lr_decay = 1;
    std::size_t lr_decay_every = 0;
};

/// What `Session::column_statistics` opens.
struct ColumnStatistics {
    /// Rows that were counted.
    double count = 0;
    std::vector<double> mean;
    /// Divided by the count, not by one less.
    std::vector<double> variance;
};

/// Where a loop goes on.
struct LoadedCheckpoint {
    std::uint64_t step = 0;
    std::vector<Tensor> state;
};

/// What `Session::join` found.
struct Joined {
    /// Of each tensor that was given the rows of the common customers, `common` of them: row i is the same customer in
    /// all, and no party knows who that is. The order tells nothing.
    std::vector<Tensor> columns;
    /// Rows of the tables of parties 0 and 1, and how many are common; known to all parties.
    std::size_t table_rows[2] = {};
    std::size_t common = 0;
};

/// c2d/regression.hpp.
struct RegressionOptions;
struct Regression;

/// Told on every evaluation: the iteration and, at the party that learns it, the AUC.
/// False ends the training with `cancelled` (at this party; the others see it vanish).
/// `Session::iterations_per_second` may be asked from it.
using TrainProgress = std::function<bool(std::size_t iteration, std::optional<double> auc)>;

/// One party's end of a computation.
///
/// Errors: `peer` (a party vanished, or its program differs), `domain` (a value out of range: the
/// message names the cause; all parties get it), `invalid_argument` (shapes), `cancelled`. After
/// any error but `invalid_argument` the session is spent.
class Session {
public:
    /// Agrees on keys with the other two.
    static Result<std::unique_ptr<Session>> open(SessionOptions options);
    /// Over C2D_PEER_FD as party C2D_PARTY: through the engine that a provider started, where C2D_ENGINE is set. Fails
    /// with `invalid_argument` when either of the first is missing.
    static Result<std::unique_ptr<Session>> from_environment(BackendKind kind = BackendKind::rep3);
    ~Session();

    /// Our number, 0 to 2, and what its link counted so far.
    unsigned party() const noexcept;
    const Link::Stats& stats() const noexcept;
    /// What was opened so far, by kind. What an earlier attempt opened before its checkpoint is not opened again, nor
    /// counted.
    std::vector<Disclosure> disclosures() const;
    /// The checkpoint of an earlier attempt from which this session goes on; nothing where it begins anew.
    std::optional<Resumed> resumed() const;

    /// Tells this party's provider, and nobody else, the digest of a preprocessing rule that its columns are prepared
    /// with, which then stands in the run's receipt. Does nothing in a program that no provider started. Fails with
    /// `limit` beyond 16 different ones.
    Result<Unit> note_rule(const Bytes32& digest);
    /// Tells both others something public (at most 1 MiB); returns all three announcements by party.
    Result<std::vector<Bytes>> exchange(BytesView announcement);

    /// Which rows of parties 0 and 1 are the same customer: `align` (c2d/align.hpp) over this session's link.
    Result<Alignment> align(const std::optional<std::vector<IdColumn>>& ids, const AlignOptions& options);

    /// Joins the tables of parties 0 and 1 by their ids, and nobody learns which rows are common (`AlignMode::hidden`,
    /// which `options.mode` need not say). `columns` are tensors of the banks' inputs, at least one of each; row i of a
    /// bank's is that of its i-th id. All parties name the same tensors. Of the inputs that go in nothing else is
    /// opened: results are those of the joined columns. Errors as of `align`; `refused` where something was opened of
    /// these inputs before.
    Result<Joined> join(const std::optional<std::vector<IdColumn>>& ids, const std::vector<Tensor>& columns,
                        const AlignOptions& options);

    /// Shares `data` of party `owner` (the others pass null and learn the shape). |x| above
    /// `magnitude_max` (at most 2^20), or a value that is not finite, is `domain` for all.
    Result<Tensor> input(unsigned owner, const Matrix* data, double magnitude_max = kInputMax);
    /// Shares a column of labels 0 and 1; anything else is `domain` for all.
    Result<Tensor> input_labels(unsigned owner, const Matrix* data);
    /// A matrix that everybody knows.
    Result<Tensor> constant(const Matrix& data);

    /// Element by element; nothing is sent.
    Result<Tensor> add(const Tensor& a, const Tensor& b);
    Result<Tensor> sub(const Tensor& a, const Tensor& b);
    /// Times a public number of at most 2^20.
    Result<Tensor> scale(const Tensor& a, double factor);
    /// Element by element; error at most 2^-16 beside the rounding of the operands.
    /// Products (and sums of products) must stay below 2^29.
    Result<Tensor> mul(const Tensor& a, const Tensor& b);
    Result<Tensor> matmul(const Tensor& a, const Tensor& b);
    Result<Tensor> transpose(const Tensor& a);
    /// Rows by public index, in that order, repeats allowed.
    Result<Tensor> rows(const Tensor& a, const std::vector<std::size_t>& index);
    /// Columns of all, side by side.
    Result<Tensor> hconcat(const std::vector<Tensor>& parts);
    /// Rows of all, one below the other. The result is no column of labels.
    Result<Tensor> vconcat(const std::vector<Tensor>& parts);
    /// 1 where a < b, else 0. |a - b| must stay below 2^46.
    Result<Tensor> less(const Tensor& a, const Tensor& b);
    /// a where `bit` (a result of `less`, or labels) is 1, else b.
    Result<Tensor> select(const Tensor& bit, const Tensor& a, const Tensor& b);
    /// Sums of rows, columns or everything: exact, and nothing is sent.
    Result<Tensor> sum(const Tensor& a, Sum which);
    /// A row, a column or a single value, repeated to rows x cols. Nothing is sent.
    Result<Tensor> repeat(const Tensor& a, std::size_t rows, std::size_t cols);
    /// a / b element by element; error at most 2^-15 + |a/b| 2^-26, beside the rounding of the
    /// operands. A divisor outside [2^-8, 2^22), so also one that is not positive, or a quotient
    /// beyond 2^13 is `domain` for all: they learn that there is one, not where or which. |a| < 2^30.
    Result<Tensor> divide(const Tensor& a, const Tensor& b);
    /// 1 / a, as `divide` does it.
    Result<Tensor> reciprocal(const Tensor& a);
    /// 1 / sqrt(a), error at most 2^-15; `domain` outside [2^-8, 2^22).
    Result<Tensor> inverse_sqrt(const Tensor& a);
    /// ln(a), error at most 2^-17 + 2^-21; `domain` outside [2^-8, 2^22).
    Result<Tensor> log(const Tensor& a);
    /// 1/(1+e^-x); see `SigmoidKind` for error and domain.
    Result<Tensor> sigmoid(const Tensor& a, SigmoidKind kind = SigmoidKind::series);

    /// The value at the parties named, an empty optional at the others. What may be opened: sums over rows of
    /// inputs, counts of bits, models, what is computed of these alone, and what everybody knows; with
    /// `OpeningRules::reveal_any` everything. Anything else, or a result of too few rows, is `refused`
    /// (`name`: not_openable, below_minimum) at all parties, and ends the session.
    Result<std::optional<Matrix>> reveal(const Tensor& a, const std::vector<unsigned>& to);

    /// Keeps a result, such as a model, for later sessions: each party a fresh share of it, under this name. Returns
    /// the binding, 32 bytes drawn jointly. What may not be opened is not kept, but for what was loaded, whole: it goes
    /// on as other shares under another binding. Counted as "kept". Fails with `unsupported` where there is no place.
    Result<Bytes32> keep(const Tensor& a, std::string_view name);
    /// What a session of these parties kept. Each pair first compares what both hold, under this session's key: another
    /// run's, a missing, copied or altered share is `refused` (`name`: model_mismatch) at all parties. It is not
    /// opened, nor what is computed of it, but for what `score` makes.
    Result<Tensor> load(std::string_view name);
    /// What a model says of each row: `features` n x d, `model` (d + 1) x 1 as training returns it, weights and then
    /// the bias. The sum is rounded to 2^-16 as training rounds it; points are rounded to the nearest, a half up. |sum|
    /// below 256 for probabilities, else `domain`.
    Result<Tensor> score(const Tensor& features, const Tensor& model, const ScoreOptions& options = {});

    /// What each characteristic adds to a row's sum: `features` times the weights of `model`, without the bias.
    /// `columns` are how many columns each characteristic has, one after the other (a text has one for each of its
    /// values); empty: one each. Rows x characteristics, for `reason_codes`.
    Result<Tensor> contributions(const Tensor& features, const Tensor& model,
                                 const std::vector<std::size_t>& columns = {});
    /// Which characteristics cost a row most: the numbers, from 1, of the `count` (1 to 10) whose contributions are
    /// most above the baseline, the largest first, so that label 1 becomes most likely by them; of equal ones the
    /// first. 0 where none is above it any more. Rows x `count`, opened where the rules of all let so many be
    /// (`reason_codes`), else `refused` at once. `contributions` are those of a model, or rows that `encode_bins` made
    /// of its points. The baseline is the least of each column of `baseline`, so one row is itself, and points of bins
    /// stand for the best of each column; with `shares`, of the same shape, the sum of both's products: the mean over
    /// bins of which so many rows are.
    Result<Tensor> reason_codes(const Tensor& contributions, const Tensor& baseline, std::size_t count = 4,
                                const Tensor& shares = {});

    /// Logistic regression; `features` n x d from `input`, `labels` n x 1 from `input_labels`.
    /// Returns the shared model, (d+1) x 1: weights, then the bias. Weights start as
    /// N(0, 1/d), the bias as 0.
    Result<Tensor> train_logistic(const Tensor& features, const Tensor& labels, const TrainOptions& options,
                                  const TrainProgress& progress = {});

    /// Linear regression by the same steps; `targets` n x 1 from `input`, of magnitude at most 64.
    /// Four rounds per iteration; `precise` has no meaning, and `split` only bounds the rows that
    /// train. A residual beyond +-512 is `domain`. Equal to exact training within 0.001 (lr is
    /// rounded to 12 bits).
    Result<Tensor> train_linear(const Tensor& features, const Tensor& targets, const TrainOptions& options,
                                const TrainProgress& progress = {});
    /// Logistic regression without a rate to tune, by Newton's method to its end: `features` n x d from `input`, of
    /// magnitude at most 1024 and better standardised, `labels` from `input_labels`. The number of steps is public, and
    /// nothing else is but what `RegressionOptions::statistics_to` asks for. `domain` with the name `separable` where
    /// no finite coefficients are best, `collinear` where they are not unique.
    Result<Regression> fit_logistic(const Tensor& features, const Tensor& labels, const RegressionOptions& options);
    /// Linear regression: least squares with the same options; `targets` n x 1 from `input`, of magnitude at most 64.
    Result<Regression> fit_linear(const Tensor& features, const Tensor& targets, const RegressionOptions& options);
    /// Of the training that runs or ran last: progress over time, 0 before any.
    double iterations_per_second() const noexcept;

    /// Between two steps of a loop of the operator's own, which began with `load_checkpoint`: `step` of them are done,
    /// and `state` is all that the rest needs of them. Written when `checkpoint_every` is over. All parties call it
    /// after the same steps; `state` may be what may be opened, kept or is known to all, and rows of inputs.
    Result<Unit> save_checkpoint(std::uint64_t step, const std::vector<Tensor>& state);
    /// Where the loop that begins here stood in the checkpoint from which the session goes on; nothing: it begins anew.
    Result<std::optional<LoadedCheckpoint>> load_checkpoint();

    /// Columns brought to mean 0 and variance 1; nobody learns mean or variance. `a` is made of inputs, rows times the
    /// square of their magnitude at most 2^60. `domain` where a column's standard deviation is below 2^(k-7) or a
    /// result is beyond +-64: all learn that there is one; k is 0 up to rows times magnitude^2 = 2^28 and one more for
    /// each factor of 4 beyond. Error at most 2^-13 + 2^-16 / deviation. The result may be trained on.
    Result<Tensor> standardise(const Tensor& a);
    /// Count, mean and variance of each column, over the rows whose bit in `included` (n x 1, from
    /// `input_labels` or `less`; empty: all rows) is 1, opened to the parties in `to`. Where fewer
    /// than `count_min` (at least 2) rows are counted the call ends with `domain` for all and nothing
    /// but that is known. `a` is made of inputs of magnitude at most 64, rows times its square at most
    /// 2^30. Error 2^-14 at most for means, 2^-13 for variances.
    Result<std::optional<ColumnStatistics>> column_statistics(const Tensor& a, const Tensor& included,
                                                              std::size_t count_min, const std::vector<unsigned>& to);

    /// How many labels of each class are in each bin of the columns of party `owner` (0 or 1), which alone passes
    /// `bins`: rows x columns of numbers from 0 to `count` - 1 (2 to kBinsMax; missing and special values have a number
    /// of their own). Nobody learns a count: the result, 2 `count` x columns, is what the next three calls take.
    /// `labels` from `input_labels`, or bits. A bin of fewer rows than the rules' minimum is `domain` for all.
    /// docs/mpc/woe.md.
    Result<Tensor> bin_counts(unsigned owner, const Matrix* bins, std::size_t count, const Tensor& labels);
    /// Weight of evidence of each bin, `count` x columns, shared: ln of zeros by ones, less that of all rows, as if
    /// each bin had `smoothing` (1/16 to 64, in steps of 1/16) average rows more. Error at most 2^-16. Labels of one
    /// class are `domain`.
    Result<Tensor> weight_of_evidence(const Tensor& counts, double smoothing = 1);
    /// Information value of each column, 1 x columns, rounded to 2^-10: may be revealed, and compared with `less`.
    Result<Tensor> information_value(const Tensor& counts, double smoothing = 1);
    /// The ones of `bin_counts`, `count` x columns, rounded to multiples of 5, at the owner of the bins alone. Each is
    /// a linear equation in the labels: only as many as the labels' owner lets (`OpeningRules::label_counts`, none by
    /// default), and with ten labels of each class for every count. Otherwise `refused`.
    Result<std::optional<Matrix>> reveal_bin_counts(const Tensor& counts);
    /// Columns of party `owner` with the number of `values` (from `weight_of_evidence`, a row for each bin) in the
    /// place of its bin: rows x columns, to be trained on. `bins` as for `bin_counts`, of these or of other rows.
    Result<Tensor> encode_bins(unsigned owner, const Matrix* bins, const Tensor& values);

    /// Pearson's correlation of every two columns, columns x columns, error at most 2^-8 between columns of a deviation
    /// of 1/8 and more: a result of kind `correlation`. `features` are rows of inputs or encoded bins, at most 1024
    /// columns and 2^24 rows. A column that is (almost) the same in every row correlates with none. A variance beyond
    /// 2^12 may be `domain`.
    Result<Tensor> correlations(const Tensor& features);
    /// How many times larger the variance of each column's weight is than if it correlated with none, 1 x columns: the
    /// diagonal of the inverse of `correlations`. It ends at 2^10, where 2^-10 is added to each variance.
    Result<Tensor> variance_inflation(const Tensor& correlations);
    /// What each bin adds to the linear predictor: `values` (from `weight_of_evidence`, count x columns) times the
    /// weights of `model`, (columns + 1) x 1, whose intercept goes to the first column. It is kept and loaded as a
    /// model is; `encode_bins` with it gives rows whose sum is the score, for `score` with weights of 1 and nothing
    /// else.
    Result<Tensor> bin_points(const Tensor& values, const Tensor& model);

    /// Area under the ROC curve of n scores against labels from `input_labels`; equal scores (after
    /// rounding to 2^-16) count one half. Only the number rounded to four decimals is opened,
    /// and only to party `to`. Labels of one class only are `domain`.
    Result<std::optional<double>> auc(const Tensor& scores, const Tensor& labels, unsigned to);

private:
    explicit Session(std::unique_ptr<Computation> computation);
    Result<Reply> run(const Call& call, const TrainProgress& progress);
    Result<Tensor> make(const Call& call);
    std::unique_ptr<Computation> computation_;
};

}  // namespace c2d::mpc

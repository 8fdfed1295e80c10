// Statistics and a linear model over two banks' rows: three parties as three threads of one process.
// In earnest each party is a process of its own, with a link to its provider (see docs/mpc/overview.md).
//
//   c++ -std=c++20 joint_statistics.cpp $(pkg-config --cflags --libs --static c2d) -o joint_statistics

#include <c2d/mpc.hpp>

#include <cmath>
#include <cstdio>
#include <thread>

using namespace c2d;
using namespace c2d::mpc;

namespace {

/// 300 customers: age, income, and what they spend, which depends on both.
struct Rows {
    Matrix features{300, 2, {}};
    Matrix spending{300, 1, {}};
};
Rows rows_of(unsigned bank) {
    Rows out;
    for (int i = 0; i < 300; ++i) {
        const double age = 20 + (i * 7 + bank * 13) % 45, income = 1 + ((i * 31 + bank) % 60) / 10.0;
        out.features.data.insert(out.features.data.end(), {age, income});
        out.spending.data.push_back(0.05 * age + 1.5 * income + std::sin(i));
    }
    return out;
}

Result<Unit> run(Session& session) {
    const unsigned me = session.party();
    Tensor features[2], spending[2];
    for (unsigned bank = 0; bank < 2; ++bank) {
        const Rows mine = rows_of(bank);
        auto x = session.input(bank, me == bank ? &mine.features : nullptr);
        auto y = session.input(bank, me == bank ? &mine.spending : nullptr);
        if (!x || !y) return x ? y.error() : x.error();
        features[bank] = *x;
        spending[bank] = *y;
    }
    auto all = session.vconcat({features[0], features[1]});
    auto target = session.vconcat({spending[0], spending[1]});
    if (!all || !target) return Error(Status::INTERNAL, "the rows do not fit");

    // Opened to party 0, and only if at least 100 rows are in it.
    auto statistics = session.column_statistics(*all, {}, 100, {0});
    if (!statistics) return statistics.error();
    if (*statistics)
        std::printf("%.0f rows, mean age %.1f, mean income %.2f\n", (*statistics)->count, (*statistics)->mean[0],
                    (*statistics)->mean[1]);

    // Nobody learns the means and deviations by which the columns are standardised.
    auto standard = session.standardise(*all);
    if (!standard) return standard.error();
    TrainOptions options;
    options.lr = 0.002;
    options.iterations = 300;
    options.lr_decay = 0.5;
    options.lr_decay_every = 100;
    auto model = session.train_linear(*standard, *target, options);
    if (!model) return model.error();
    auto opened = session.reveal(*model, {1});
    if (!opened) return opened.error();
    if (*opened)
        std::printf("spending = %.2f age + %.2f income + %.2f, per standard deviation\n", (*opened)->data[0],
                    (*opened)->data[1], (*opened)->data[2]);
    return Unit{};
}

}  // namespace

int main() {
    auto links = memory_links();
    std::thread threads[kParties];
    int failed = 0;
    for (unsigned party = 0; party < kParties; ++party)
        threads[party] = std::thread([&, party] {
            SessionOptions options;
            options.link = std::move(links[party]);
            auto session = Session::open(std::move(options));
            const auto done = session ? run(**session) : Result<Unit>(session.error());
            if (done) return;
            std::fprintf(stderr, "party %u: %s\n", party, done.error().message.c_str());
            __atomic_store_n(&failed, 1, __ATOMIC_RELAXED);
        });
    for (auto& thread : threads) thread.join();
    return failed;
}

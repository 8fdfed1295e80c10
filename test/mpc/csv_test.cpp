#include "mpc/parties.hpp"

#include <fstream>

using namespace c2d;
using namespace c2d::mpc;
using namespace c2d::mpc::test;

namespace {

std::string failure(std::string_view text) {
    const auto matrix = parse_csv(text, "x.csv");
    CHECK(matrix.status() == Status::INVALID_ARGUMENT);
    return matrix ? "" : matrix.error().message;
}

}  // namespace

TEST_CASE("numbers, headers, line ends") {
    for (const char* text : {"1,2\n3,4\n", "1,2\r\n3,4\r\n", "a,b\n1,2\n3,4", "1, 2 \n 3,4\n\n\n",
                             "\xef\xbb\xbf"
                             "1,2\n3,4",
                             "\"a\",\"b\"\n\"1\",2\n3,+4", "id,2\n1,2\n3,4"}) {
        const Matrix m = must(parse_csv(text, "x.csv"));
        CHECK(m.rows == 2);
        CHECK(m.cols == 2);
        CHECK(m.data == std::vector<double>{1, 2, 3, 4});
    }
    CHECK(must(parse_csv("-1.5e-3", "x.csv")).data[0] == -0.0015);
    CHECK(must(parse_csv("1\n0\n1\n", "x.csv")).rows == 3);
}

TEST_CASE("mistakes name the line") {
    CHECK(failure("1,2\n3\n") == "x.csv line 2: 1 fields, expected 2");
    CHECK(failure("1,2\n3,4,5\n") == "x.csv line 2: 3 fields, expected 2");
    CHECK(failure("a,b\n1,2\n3,x\n") == "x.csv line 3: field 2 is not a finite number");
    CHECK(failure("1,2\n,4\n") == "x.csv line 2: field 1 is not a finite number");
    CHECK(failure("1,2\n1,nan\n") == "x.csv line 2: field 2 is not a finite number");
    CHECK(failure("1,2\n1,inf\n") == "x.csv line 2: field 2 is not a finite number");
    CHECK(failure("1,2\n1,1e999\n") == "x.csv line 2: field 2 is not a finite number");
    CHECK(failure("1,2\n1,0x10\n") == "x.csv line 2: field 2 is not a finite number");
    CHECK(failure("1,2\n1,2 3\n") == "x.csv line 2: field 2 is not a finite number");
    CHECK(failure("1,2\n\n3,4\n") == "x.csv line 2: blank line within the data");
    CHECK(failure("") == "x.csv: no line of numbers");
    CHECK(failure("a,b\n") == "x.csv: no line of numbers");
    CHECK(failure("a,b\nc,d\n") == "x.csv line 2: field 1 is not a finite number");
}

TEST_CASE("files: missing, too large") {
    CHECK(read_csv("/nonexistent/x.csv").status() == Status::NOT_FOUND);
    CHECK(read_csv(C2D_SOURCE_DIR "/test/mpc/data/breast_cancer.csv", 1000).status() == Status::LIMIT);
}

#include "runtime/serve/decode.h"

#include <gtest/gtest.h>

#include "runtime/serve/media_type.h"

namespace cd4ml::serve {
namespace {

ir::Column column(std::string name, ir::Kind kind, bool nullable = false) {
  ir::Column out;
  out.name = std::move(name);
  out.type.kind = kind;
  out.type.nullable = nullable;
  return out;
}

class Decoding : public testing::Test {
 protected:
  Decoding() : schema_(inputs_), decoder_(schema_, limits_), batch_(inputs_) {}

  simdjson::dom::element json(const std::string& text) {
    simdjson::dom::element element;
    EXPECT_EQ(parser_.parse(text).get(element), simdjson::SUCCESS) << text;
    return element;
  }
  std::string mlflow(const std::string& text) {
    ask_ = {};
    const Rejected bad = decoder_.mlflow(json(text), batch_, ask_);
    return bad ? bad->message : "";
  }
  std::string v2(const std::string& text) {
    ask_ = {};
    const Rejected bad = decoder_.v2(json(text), batch_, ask_);
    return bad ? bad->message : "";
  }
  std::string csv(const std::string& text) {
    ask_ = {};
    const Rejected bad = decoder_.csv(text, batch_, ask_);
    return bad ? bad->message : "";
  }

  std::vector<ir::Column> inputs_{column("n", ir::Kind::Int), column("x", ir::Kind::Float, true), column("s", ir::Kind::Category)};
  Limits limits_;
  InputSchema schema_;
  Decoder decoder_;
  score::RowBatch batch_;
  simdjson::dom::parser parser_;
  Ask ask_;
};

TEST_F(Decoding, AllFormsGiveTheSameRows) {
  const std::vector<std::string> forms{R"({"dataframe_split":{"columns":["s","n","x"],"data":[["a",9007199254740993,null],["b",-1,0.1]]}})",
                                       R"({"dataframe_records":[{"n":9007199254740993,"x":null,"s":"a"},{"s":"b","x":0.1,"n":-1}]})",
                                       R"({"instances":[[9007199254740993,null,"a"],[-1,0.1,"b"]]})",
                                       R"({"inputs":{"x":[null,0.1],"s":["a","b"],"n":[9007199254740993,-1]}})"};
  const auto expectRows = [&] {
    ASSERT_EQ(batch_.rows(), 2);
    EXPECT_EQ(batch_.columns()[0].words[0], 9007199254740993) << "64 bits are kept";
    EXPECT_FALSE(batch_.columns()[1].isValid(0));
    EXPECT_EQ(reinterpret_cast<const double*>(batch_.columns()[1].words)[1], 0.1);
    EXPECT_EQ(batch_.columns()[2].texts[1], "b");
  };
  for (const std::string& form : forms) {
    EXPECT_EQ(mlflow(form), "") << form;
    expectRows();
  }
  EXPECT_EQ(csv("x,s,n\r\n,a,9007199254740993\r\n0.1,b,-1\r\n"), "");
  expectRows();
  EXPECT_EQ(csv("9007199254740993,,a\n-1,0.1,\"b\""), "");
  expectRows();
  EXPECT_EQ(v2(R"({"inputs":[{"name":"n","shape":[2],"datatype":"INT64","data":[9007199254740993,-1]},{"name":"x","shape":[2,1],"datatype":"FP64","data":[[null],[0.1]]},
                            {"name":"s","shape":[2],"datatype":"BYTES","data":["a","b"]}]})"), "");
  expectRows();
}

TEST_F(Decoding, WhatIsWrongIsNamed) {
  EXPECT_EQ(mlflow(R"({"instances":[[1,2,"a"],[1.5,2,"a"]]})"), "column `n`, row 2: expected an int, got a fraction");
  EXPECT_EQ(mlflow(R"({"instances":[[18446744073709551615,2,"a"]]})"), "column `n`, row 1: expected an int, got a number beyond 64 bits");
  EXPECT_EQ(mlflow(R"({"dataframe_records":[{"n":1,"x":1}]})"), "input column `s` is missing in row 1: expected category");
  EXPECT_EQ(mlflow(R"({"dataframe_records":[{"n":1,"n":1,"x":1,"s":"a"}]})"), "input column `n` stands twice in row 1");
  EXPECT_EQ(mlflow(R"({"dataframe_records":[{"n":1,"x":1,"s":"a","zz":1}]})"), "there is no input column `zz`; the model takes `n`, `x`, `s`");
  EXPECT_EQ(mlflow(R"({"dataframe_records":[{"n":1,"x":1,"s":"a","zz":1}],"params":{"unknown_columns":"ignore"}})"), "");
  EXPECT_EQ(mlflow(R"({"instances":[]})"), "there are no rows to score");
  EXPECT_EQ(mlflow(R"({})"), "the rows are missing: one of `dataframe_split`, `dataframe_records`, `instances`, `inputs`");
  EXPECT_EQ(v2(R"({"inputs":[{"name":"n","shape":[3],"datatype":"INT64","data":[1,2]}]})"), "tensor `n` has 2 elements, its shape says 3");
  EXPECT_EQ(v2(R"({"inputs":[{"name":"n","shape":[1],"datatype":"UINT8","data":[256]}]})"), "tensor `n`, row 1: a number beyond the range of UINT8");
  EXPECT_EQ(v2(R"({"inputs":[{"name":"s","shape":[1],"datatype":"FP64","data":[1]}]})"), "column `s` is category: expected a tensor of BYTES, got FP64");
  EXPECT_EQ(csv("n,x,s\n1,2\n"), "row 1 has 2 fields, expected 3");
  EXPECT_EQ(csv("n,x,s\n1,2,\"a\n"), "line 2: a quoted field does not end");
}

TEST_F(Decoding, Float32TensorsHoldFloat32Numbers) {
  EXPECT_EQ(v2(R"({"inputs":[{"name":"n","shape":[1],"datatype":"INT8","data":[1]},{"name":"x","shape":[1],"datatype":"FP32","data":[0.1]},{"name":"s","shape":[1],"datatype":"BYTES","data":["a"]}]})"), "");
  EXPECT_EQ(reinterpret_cast<const double*>(batch_.columns()[1].words)[0], static_cast<double>(0.1F));
}

TEST_F(Decoding, QuotedTextsOfCsvStayAfterTheBatchGrows) {
  std::string text = "n,x,s\n";
  for (int i = 0; i < 300; ++i) text += "1,2,\"a \"\"quoted\"\" text that is long enough to lie outside of a small string\"\n";
  EXPECT_EQ(csv(text), "");
  EXPECT_EQ(batch_.columns()[2].texts[299], "a \"quoted\" text that is long enough to lie outside of a small string");
}

TEST(MediaTypes, AcceptAndContentType) {
  EXPECT_EQ(mediaType("Application/JSON; charset=UTF-8"), MediaType::Json);
  EXPECT_EQ(mediaType("text/csv; charset=latin-1"), MediaType::Other);
  EXPECT_EQ(acceptedType("", MediaType::Csv), MediaType::Csv);
  EXPECT_EQ(acceptedType("text/html, */*;q=0.8", MediaType::Json), MediaType::Json);
  EXPECT_EQ(acceptedType("text/csv", MediaType::Json), MediaType::Csv);
  EXPECT_EQ(acceptedType("image/png", MediaType::Json), MediaType::None);
}

}  // namespace
}  // namespace cd4ml::serve

#include "runtime/serve/http_request.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace cd4ml::serve {

namespace {

constexpr std::array<std::pair<std::string_view, Method>, 8> methods{{{"GET", Method::Get}, {"HEAD", Method::Head}, {"POST", Method::Post},
                                                                      {"PUT", Method::Put}, {"DELETE", Method::Delete}, {"PATCH", Method::Patch},
                                                                      {"OPTIONS", Method::Options}, {"TRACE", Method::Trace}}};
constexpr std::size_t most_fields = 100;
constexpr std::size_t chunk_line_bytes = 256;

/// Characters of methods and field names (RFC 9110, token).
constexpr std::array<bool, 256> tokenTable() {
  std::array<bool, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<std::size_t>(c)] = table[static_cast<std::size_t>(c - 32)] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
  return table;
}
constexpr std::array<bool, 256> token_characters = tokenTable();

bool isToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return token_characters[static_cast<unsigned char>(c)]; });
}

bool isFieldValue(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) || c == '\t'; });
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool equalsIgnoringCase(std::string_view a, std::string_view lower_case) {
  return a.size() == lower_case.size() && std::equal(a.begin(), a.end(), lower_case.begin(), [](char x, char y) { return lower(x) == y; });
}

/// Whether a comma-separated list has a member.
bool listHas(std::string_view list, std::string_view member) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (equalsIgnoringCase(trim(list.substr(0, comma)), member)) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

}  // namespace

std::string_view methodText(Method method) {
  for (const auto& [text, value] : methods) {
    if (value == method) return text;
  }
  return "?";
}

void RequestParser::reset() { *this = RequestParser(*limits_); }

RequestParser::State RequestParser::refuse(int status, std::string_view reason) {
  refusal_ = {status, reason};
  return state_ = State::Refused;
}

std::size_t RequestParser::wanted() const {
  if (state_ == State::Body && !request_.chunked) return header_size_ + request_.content_length;
  return 0;
}

RequestParser::State RequestParser::parse(char* data, std::size_t size) {
  if (state_ == State::Complete || state_ == State::Refused) return state_;
  if (state_ == State::Header) {
    const std::string_view all(data, std::min(size, limits_->header_bytes + 4));
    const std::size_t end = all.find("\r\n\r\n", scanned_ > 3 ? scanned_ - 3 : 0);
    scanned_ = all.size();
    if (end == std::string_view::npos) {
      if (size == 0) return state_;
      const std::size_t line_end = all.find("\r\n");
      if (line_end == std::string_view::npos && size > limits_->uri_bytes + 32) return refuse(414, "the request line is too long");
      if (size > limits_->header_bytes) return refuse(431, "the header is too long");
      if (!token_characters[static_cast<unsigned char>(data[0])]) return refuse(400, "this is no HTTP request");
      const auto text = [](char c) { return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x7f; };
      const std::string_view first_line = all.substr(0, std::min(line_end, all.size() - (all.back() == '\r' ? 1 : 0)));
      if (!std::all_of(first_line.begin(), first_line.end(), text)) return refuse(400, "this is no HTTP request");
      for (std::size_t at = all.find('\n'); at != std::string_view::npos; at = all.find('\n', at + 1)) {
        if (at == 0 || all[at - 1] != '\r') return refuse(400, "a line ends without a carriage return");
      }
      return state_;
    }
    if (end + 4 > limits_->header_bytes) return refuse(431, "the header is too long");
    header_size_ = end + 4;
    if (!parseHeader(all.substr(0, end + 2))) return state_;
    base_ = data;
    raw_ = decoded_ = header_size_;
    state_ = State::Body;
  } else if (base_ != data) {
    const std::string_view header(data, header_size_ - 2);
    request_ = {};
    has_host_ = has_encoding_ = http_10_ = false;
    if (!parseHeader(header)) return state_;
    base_ = data;
  }
  return parseBody(data, size);
}

bool RequestParser::parseHeader(std::string_view header) {
  const std::size_t first = header.find("\r\n");
  if (!parseRequestLine(header.substr(0, first))) return false;
  header.remove_prefix(first + 2);
  std::size_t fields = 0;
  while (!header.empty()) {
    const std::size_t end = header.find("\r\n");
    const std::string_view line = header.substr(0, end);
    header.remove_prefix(end + 2);
    if (++fields > most_fields) return refuse(431, "there are too many header fields"), false;
    if (line.empty() || line.front() == ' ' || line.front() == '\t') return refuse(400, "a header field is folded over several lines"), false;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !isToken(line.substr(0, colon))) return refuse(400, "a header field has no proper name"), false;
    const std::string_view value = trim(line.substr(colon + 1));
    if (!isFieldValue(value)) return refuse(400, "a header field has control characters in its value"), false;
    if (!takeField(line.substr(0, colon), value)) return false;
  }
  if (!http_10_ && !has_host_) return refuse(400, "the header field Host is missing"), false;
  if (request_.chunked && request_.has_length) return refuse(400, "Content-Length and Transfer-Encoding exclude each other"), false;
  if (request_.has_length && request_.content_length > limits_->body_bytes) return refuse(413, "the body is too large"), false;
  return true;
}

bool RequestParser::parseRequestLine(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last || !isToken(line.substr(0, first))) return refuse(400, "the request line is malformed"), false;
  const std::string_view version = line.substr(last + 1);
  if (!version.starts_with("HTTP/") || version.size() != 8) return refuse(400, "the request line is malformed"), false;
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return refuse(505, "only HTTP/1.1 and HTTP/1.0 are spoken here"), false;
  http_10_ = version == "HTTP/1.0";
  request_.keep_alive = !http_10_;
  const std::string_view method = line.substr(0, first);
  const auto known = std::find_if(methods.begin(), methods.end(), [&](const auto& each) { return each.first == method; });
  request_.method = known == methods.end() ? Method::Other : known->second;
  return takeTarget(line.substr(first + 1, last - first - 1));
}

bool RequestParser::takeTarget(std::string_view target) {
  if (target.size() > limits_->uri_bytes) return refuse(414, "the address is too long"), false;
  const auto printable = [](char c) { return static_cast<unsigned char>(c) > 0x20 && static_cast<unsigned char>(c) < 0x7f; };
  if (target.empty() || !std::all_of(target.begin(), target.end(), printable)) return refuse(400, "the address has characters that no address has"), false;
  if (target.starts_with("http://") || target.starts_with("https://")) {  // absolute form, as proxies send it
    const std::size_t slash = target.find('/', target.find("//") + 2);
    target = slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
  }
  if (target.front() != '/' && target != "*") return refuse(400, "the address is no path"), false;
  if (target.find('#') != std::string_view::npos) return refuse(400, "the address has a fragment"), false;
  const std::size_t mark = std::min(target.find('?'), target.size());
  request_.path = target.substr(0, mark);
  request_.query = target.substr(std::min(mark + 1, target.size()));
  return true;
}

bool RequestParser::takeLength(std::string_view value) {
  if (request_.has_length) return refuse(400, "Content-Length stands twice"), false;
  if (value.empty() || value.size() > 18 || !std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return refuse(400, "Content-Length is no number"), false;
  }
  std::size_t length = 0;
  for (const char c : value) length = length * 10 + static_cast<std::size_t>(c - '0');
  request_.has_length = true;
  request_.content_length = length;
  return true;
}

bool RequestParser::takeField(std::string_view name, std::string_view value) {
  const auto is = [&](std::string_view other) { return equalsIgnoringCase(name, other); };
  switch (lower(name.front())) {
    case 'a':
      if (is("accept")) request_.accept = value;
      else if (is("authorization")) {
        if (!request_.authorization.empty()) return refuse(400, "Authorization stands twice"), false;
        request_.authorization = value;
      }
      return true;
    case 'c':
      if (is("content-length")) return takeLength(value);
      if (is("content-type")) {
        if (!request_.content_type.empty()) return refuse(400, "Content-Type stands twice"), false;
        request_.content_type = value;
      } else if (is("content-encoding")) {
        request_.content_encoding = value;
      } else if (is("connection")) {
        if (listHas(value, "close")) request_.keep_alive = false;
        else if (listHas(value, "keep-alive")) request_.keep_alive = true;
      }
      return true;
    case 'e':
      if (!is("expect")) return true;
      if (!equalsIgnoringCase(value, "100-continue")) return refuse(417, "only 100-continue can be expected"), false;
      request_.expects_continue = !http_10_;
      return true;
    case 'h':
      if (!is("host")) return true;
      if (has_host_) return refuse(400, "Host stands twice"), false;
      has_host_ = true;
      request_.host = value;
      return true;
    case 'i':
      if (is("inference-header-content-length")) request_.tensor_length = value;
      return true;
    case 'o':
      if (is("origin")) request_.origin = value;
      return true;
    case 't':
      if (is("transfer-encoding")) {
        if (has_encoding_ || http_10_) return refuse(400, "Transfer-Encoding stands where it must not"), false;
        has_encoding_ = true;
        if (!equalsIgnoringCase(value, "chunked")) return refuse(501, "only the transfer encoding `chunked` is known"), false;
        request_.chunked = true;
      } else if (is("traceparent")) {
        request_.traceparent = value;
      }
      return true;
    case 'x':
      if (is("x-request-id") || is("x-amzn-sagemaker-inference-id")) request_.request_id = value;
      else if (is("x-request-timeout-ms")) request_.timeout_ms = value;
      else if (is("x-on-error")) request_.on_error = value;
      return true;
    default: return true;
  }
}

RequestParser::State RequestParser::parseBody(char* data, std::size_t size) {
  if (request_.chunked) return parseChunks(data, size);
  if (size - header_size_ < request_.content_length) return state_;
  request_.body = std::string_view(data + header_size_, request_.content_length);
  consumed_ = header_size_ + request_.content_length;
  return state_ = State::Complete;
}

RequestParser::State RequestParser::parseChunks(char* data, std::size_t size) {
  while (raw_ < size) {
    if (chunk_ == Chunk::Data) {
      const std::size_t count = std::min(chunk_left_, size - raw_);
      std::memmove(data + decoded_, data + raw_, count);
      raw_ += count;
      decoded_ += count;
      chunk_left_ -= count;
      if (chunk_left_ > 0) return state_;
      chunk_ = Chunk::DataEnd;
      continue;
    }
    const std::string_view rest(data + raw_, size - raw_);
    const std::size_t end = rest.substr(0, chunk_line_bytes).find("\r\n");
    const std::string_view line = rest.substr(0, end);
    if (end == std::string_view::npos) {
      if (rest.size() >= chunk_line_bytes) return refuse(400, "a line between chunks is too long");
      if (line.find('\n') != std::string_view::npos) return refuse(400, "a chunk is malformed");
      return state_;
    }
    if (line.find('\n') != std::string_view::npos || line.find('\r') != std::string_view::npos) return refuse(400, "a chunk is malformed");
    raw_ += end + 2;
    if (chunk_ == Chunk::DataEnd) {
      if (!line.empty()) return refuse(400, "a chunk is longer than it says");
      chunk_ = Chunk::Size;
    } else if (chunk_ == Chunk::Size) {
      const std::string_view digits = trim(line.substr(0, line.find(';')));
      if (digits.empty() || digits.size() > 15 || digits.data() != line.data()) return refuse(400, "the size of a chunk is malformed");
      std::size_t length = 0;
      for (const char c : digits) {
        const char low = lower(c);
        if (!((low >= '0' && low <= '9') || (low >= 'a' && low <= 'f'))) return refuse(400, "the size of a chunk is malformed");
        length = length * 16 + static_cast<std::size_t>(low <= '9' ? low - '0' : low - 'a' + 10);
      }
      if (length > limits_->body_bytes || decoded_ - header_size_ + length > limits_->body_bytes) return refuse(413, "the body is too large");
      chunk_left_ = length;
      chunk_ = length == 0 ? Chunk::Trailer : Chunk::Data;
    } else {
      trailer_bytes_ += line.size() + 2;
      if (trailer_bytes_ > limits_->header_bytes) return refuse(431, "the trailer is too long");
      if (!line.empty()) continue;  // trailers say nothing that is wanted here
      request_.body = std::string_view(data + header_size_, decoded_ - header_size_);
      consumed_ = raw_;
      return state_ = State::Complete;
    }
  }
  return state_;
}

}  // namespace cd4ml::serve

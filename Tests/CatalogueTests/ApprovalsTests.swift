import Kit
import Testing

@testable import Catalogue

@Suite struct ApprovalsTests {
  private static let hash = String(repeating: "a0", count: 32)

  private func line(_ name: String, kind: String = "wording", prompt: String = "safe-here", more: String = "") -> String
  {
    """
    {"hash":"\(Self.hash)","kind":"\(kind)","language":"ro","prompt":"\(prompt)","name":"\(name)",\
    "role":"listener","date":"2026-05-01"\(more)}

    """
  }

  private func approvals(_ lines: String...) throws -> Approvals {
    let scratch = try Scratch()
    return try Approvals.read(scratch.write("approvals.jsonl", lines.joined()))
  }

  private func status(_ approvals: Approvals, on day: String? = nil) -> Status {
    approvals.status(of: Self.hash, kind: .wording, language: "ro", prompt: "safe-here", on: day)
  }

  @Test("nobody is a draft, one name a review, two different names an approval")
  func ladder() throws {
    #expect(status(try approvals()) == .draft)
    #expect(status(try approvals(line("Ana"))) == .reviewed)
    #expect(status(try approvals(line("Ana"), line("Ana"))) == .reviewed)
    #expect(status(try approvals(line("Ana P"), line(" ana p "))) == .reviewed)
    #expect(status(try approvals(line("Ana"), line("Ion"))) == .approved)
  }

  @Test("another text, kind, prompt or language does not count")
  func others() throws {
    let ledger = try approvals(line("Ana"), line("Ion", kind: "recording"), line("Eva", prompt: "wait-here"))
    #expect(status(ledger) == .reviewed)
    #expect(ledger.status(of: "b1", kind: .wording, language: "ro", prompt: "safe-here") == .draft)
    #expect(ledger.status(of: Self.hash, kind: .wording, language: "mo", prompt: "safe-here") == .draft)
    #expect(ledger.status(of: Self.hash, kind: .recording, language: "ro", prompt: "safe-here") == .reviewed)
  }

  @Test("an approval counts up to and on its last day")
  func expiry() throws {
    let ledger = try approvals(line("Ana"), line("Ion", more: ",\"expires\":\"2027-05-01\""))
    #expect(status(ledger) == .approved)
    #expect(status(ledger, on: "2027-05-01") == .approved)
    #expect(status(ledger, on: "2027-05-02") == .reviewed)
  }

  @Test("a ledger that is not there is empty; blank lines say nothing")
  func absent() throws {
    let scratch = try Scratch()
    #expect(try Approvals.read("\(scratch.folder)/approvals.jsonl") == Approvals())
    #expect(try approvals("\n", line("Ana"), "\r\n").entries.count == 1)
  }

  @Test(
    "a line that is not wholly understood is an error with its line, for it might take an approval back",
    arguments: [
      ("{", "is no whole JSON"), ("[]", "is not of the kind"), ("{}", "hash: missing"),
      ("@,\"verdict\":\"back\"}", "verdict: unknown key"), ("@,\"rol\":\"x\"}", "(did you mean 'role'?)"),
      ("@,\"expires\":\"soon\"}", "expires: a date such as"), ("@,\"expires\":\"2026-13-01\"}", "expires: "),
      ("@,\"hash\":\"xyz\"}", "hash: "), ("@,\"kind\":\"song\"}", "kind: "), ("@,\"name\":\" \"}", "name: "),
      ("@,\"name\":7}", "name: is not a text"),
    ])
  func strict(_ form: String, _ expected: String) throws {
    // `@` stands for a good line up to what replaces its end.
    let good = String(line("Ana").dropLast(2))
    var text = form.replacing("@", with: good)
    for key in ["hash", "kind", "name"] where form.contains("@,\"\(key)\"") {
      // Of two equal keys either may be read: keep the second only.
      text = text.replacing(try Regex("\\{?\"\(key)\":\"[^\"]*\","), maxReplacements: 1) { _ in key == "hash" ? "{" : ""
      }
    }
    let scratch = try Scratch()
    let path = try scratch.write("approvals.jsonl", line("Ana") + text + "\n")
    let found = findings(in: scratch) { _ = try Approvals.read(path) }
    #expect(found.count == 1)
    #expect(
      found.contains { $0.hasPrefix("approvals.jsonl:2: not an approval: ") && $0.contains(expected) }, "\(found)")
  }
}

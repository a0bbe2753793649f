import Catalogue
import CatalogueFixture
import Foundation
import Kit
import Posix
import Testing

@testable import Project

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

  @Test("a text without approvals is a draft, with one reviewed, with two people's approved")
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

  @Test("a missing ledger is empty, and blank lines are ignored")
  func absent() throws {
    let scratch = try Scratch()
    #expect(try Approvals.read("\(scratch.directory)/approvals.jsonl") == Approvals())
    #expect(try approvals("\n", line("Ana"), "\r\n").entries.count == 1)
  }

  @Test("names that differ only in case, spaces, points or Unicode form are one person")
  func names() throws {
    for other in ["ANA", " a n a ", "Ana.", "\u{FF21}na", "Ána".decomposedStringWithCanonicalMapping] {
      let isOther = other.unicodeScalars.contains("\u{301}")
      #expect(status(try approvals(line("Ana"), line(other))) == (isOther ? .approved : .reviewed), "\(other)")
    }
    #expect(status(try approvals(line("Ána"), line("Ána".decomposedStringWithCanonicalMapping))) == .reviewed)
    #expect(status(try approvals(line("İpek"), line("i\u{307}pek"))) == .reviewed)
    #expect(status(try approvals(line("អាណា"), line("អាណី"))) == .approved)
    #expect(PersonName("...") == nil && PersonName("a\nb") == nil)
  }

  @Test("a revoked approval does not count, and may be given again; others' approvals remain")
  func revoked() throws {
    let back = line("ana", more: ",\"revokes\":true")
    #expect(status(try approvals(line("Ana"), line("Ion"), back)) == .reviewed)
    #expect(status(try approvals(line("Ana"), back, line("Ion"), line("Ana"))) == .approved)
    #expect(status(try approvals(back, line("Ana"))) == .reviewed)
    // Approvals of another prompt are not revoked.
    #expect(
      status(try approvals(line("Ana"), line("Ana", prompt: "wait-here", more: ",\"revokes\":true"))) == .reviewed)
  }

  @Test("a person may give an unlimited approval after an expired one")
  func renewed() throws {
    let ledger = try approvals(line("Ana", more: ",\"expires\":\"2026-06-01\""), line("Ana"))
    #expect(status(ledger, on: "2027-01-01") == .reviewed)
  }

  // MARK: - Keys

  private func entry(_ name: String, _ key: SecretKey? = nil, revokes: Bool? = nil) throws -> Approval {
    let entry = Approval(
      hash: Self.hash, kind: .wording, language: "ro", prompt: "safe-here", name: name, role: .listener,
      date: "2026-05-01", revokes: revokes)
    return try key.map { try entry.signed(by: $0) } ?? entry
  }

  /// Writes a ledger with public keys, and reads it.
  private func ledger(_ entries: [Approval], keys: [PublicKey]) throws -> Approvals {
    let scratch = try Scratch()
    try Files.makeDirectory("\(scratch.directory)/reviewers")
    for key in keys { try key.write(to: "\(scratch.directory)/reviewers/\(key.id).pub") }
    try Approvals.append(entries, to: "\(scratch.directory)/approvals.jsonl")
    return try Approvals.read("\(scratch.directory)/approvals.jsonl")
  }

  private func standing(_ approvals: Approvals) -> Standing {
    approvals.standing(of: Self.hash, kind: .wording, language: "ro", prompt: "safe-here")
  }

  @Test(
    "only a known key proves a name, and one key under two names is one person")
  func keys() throws {
    let (ana, ion) = (try SecretKey.generate(), try SecretKey.generate())
    let known = [ana.publicKey, ion.publicKey]
    let both = try ledger([entry("Ana", ana), entry("Ion", ion)], keys: known)
    #expect(standing(both) == Standing(people: 2, proved: 2, keys: Set(known.map(\.id)), peopleIncludingExpired: 2))
    #expect(standing(both).isProved)
    let one = try ledger([entry("Ana", ana), entry("Ion")], keys: known)
    #expect(standing(one).people == 2 && standing(one).proved == 1 && !standing(one).isProved)
    let stranger = try ledger([entry("Ana", ana), entry("Ion", ion)], keys: [ana.publicKey])
    #expect(standing(stranger).people == 2 && standing(stranger).proved == 1)
    #expect(stranger.proof(of: stranger.entries[1]) == .unknownKey(ion.publicKey.id))
    let same = try ledger([entry("Ana", ana), entry("Ion", ana)], keys: known)
    #expect(standing(same) == Standing(people: 1, proved: 1, keys: [ana.publicKey.id], peopleIncludingExpired: 1))
    #expect(same.otherName(of: ana.publicKey.id, than: "Ion") == "Ana")
    #expect(one.otherName(of: ana.publicKey.id, than: "ana") == nil)
  }

  @Test("under the policy 'proved' only known keys count, and the others are counted apart")
  func provedOnly() throws {
    let (ana, ion) = (try SecretKey.generate(), try SecretKey.generate())
    let known = [ana.publicKey, ion.publicKey]
    let claims = try ledger([entry("Ana"), entry("Ion")], keys: known)
    #expect(standing(claims).status == .approved && standing(claims).unproved == 2 && standing(claims).discounted == 0)
    let strict = claims.under(.proved)
    #expect(standing(strict) == Standing(people: 0, proved: 0, unproved: 2))
    #expect(standing(strict).status == .draft && standing(strict).discounted == 2)
    #expect(strict.approvals(of: Self.hash, kind: .wording, language: "ro", prompt: "safe-here") == [])
    // A ledger keeps its policy when lines are added.
    let one = strict.adding([try entry("Ana", ana)])
    #expect(standing(one).status == .reviewed && standing(one).discounted == 1)
    #expect(standing(one.adding([try entry("Ion", ion)])).status == .approved)
    // A revocation needs no key.
    #expect(standing(one.adding([try entry("Ana", revokes: true)])).status == .draft)
  }

  @Test(
    "a line changed after signing does not count",
    arguments: [
      "name", "prompt", "hash", "date", "expires", "role", "revokes", "signature", "key",
    ])
  func forged(_ field: String) throws {
    let key = try SecretKey.generate()
    var entry = try entry("Ana", key)
    switch field {
    case "name": entry.name = "Ion"
    case "prompt": entry.prompt = "wait-here"
    case "hash": entry.hash = String(repeating: "b1", count: 32)
    case "date": entry.date = "2026-05-02"
    case "expires": entry.expires = "2030-01-01"
    case "role": entry.role = .backTranslator
    case "revokes": entry.revokes = true
    case "signature": entry.signature = nil
    default: entry.key = nil
    }
    let ledger = try ledger([entry], keys: [key.publicKey])
    #expect(ledger.proof(of: ledger.entries[0]) == .forged)
    #expect(ledger.approvals(of: entry.hash, kind: .wording, language: "ro", prompt: entry.prompt).isEmpty)
  }

  @Test("a damaged reviewer key is an error, because an approval would become a claim")
  func damagedKey() throws {
    let scratch = try Scratch()
    try scratch.write("approvals.jsonl", line("Ana"))
    try scratch.write("reviewers/ana.pub", "not a key")
    let found = findings(in: scratch) { _ = try Approvals.read("\(scratch.directory)/approvals.jsonl") }
    #expect(found.first?.contains("a reviewer's key cannot be read") == true, "\(found)")
  }

  @Test("the lines of two people merged by git count in any order")
  func merged() throws {
    let lines = [line("Ana"), line("Ion"), line("Ana", prompt: "wait-here"), line("Ion", more: ",\"revokes\":true")]
    // One person's lines keep their order.
    let orders = [[0, 1, 2, 3], [1, 3, 0, 2], [0, 2, 1, 3], [1, 0, 3, 2]]
    for order in orders {
      let scratch = try Scratch()
      let ledger = try Approvals.read(scratch.write("approvals.jsonl", order.map { lines[$0] }.joined()))
      #expect(status(ledger) == .reviewed, "\(order)")
    }
  }

  @Test("an unterminated last line is terminated, and concurrent appends keep lines whole")
  func appended() throws {
    let scratch = try Scratch()
    let path = try scratch.write("approvals.jsonl", String(line("Ana").dropLast()))
    try Approvals.append([entry("Ion")], to: path)
    #expect(try Approvals.read(path).entries.map(\.name) == ["Ana", "Ion"])
    let threads = try (0..<8).map { number in
      let entry = try entry("Person \(number)")
      return try Posix.Thread("append") {
        for _ in 0..<25 { try? Approvals.append([entry, entry], to: path) }
      }
    }
    for thread in threads { thread.join() }
    #expect(try Approvals.read(path).entries.count == 2 + 8 * 25 * 2)
  }

  @Test(
    "an invalid line is an error with its line number, because it might revoke an approval",
    arguments: [
      ("{", "is not valid JSON"), ("[]", "is not of the expected type"), ("{}", "hash: missing"),
      ("@,\"date\":\"2026-05-01\"}", "date: is there twice in its object"),
      ("@,\"verdict\":\"back\"}", "verdict: unknown key"), ("@,\"rol\":\"x\"}", "(did you mean 'role'?)"),
      ("@,\"expires\":\"soon\"}", "expires: write a date such as"), ("@,\"expires\":\"2026-13-01\"}", "expires: "),
      ("@,\"hash\":\"xyz\"}", "hash: "), ("@,\"kind\":\"song\"}", "kind: "), ("@,\"name\":\" \"}", "name: "),
      ("@,\"name\":7}", "name: is not a text"),
    ])
  func strict(_ form: String, _ expected: String) throws {
    // `@` is replaced by a valid line without its end.
    let good = String(line("Ana").dropLast(2))
    var text = form.replacing("@", with: good)
    for key in ["hash", "kind", "name"] where form.contains("@,\"\(key)\"") {
      // Parsers may read either of two equal keys.
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

import Catalogue
import Encoding
import Kit
import Project
import Testing

@testable import KitBuilder

@Suite("The ledger")
struct ApprovalHistoryTests {
  private let wording = Digest.sha256("these words")
  private let recording = Digest.sha256("this sound")

  private func approval(
    _ hash: String, _ kind: Approval.Kind, _ name: String, date: String = "2026-01-10", expires: String? = nil
  ) -> Approval {
    Approval(
      hash: hash, kind: kind, language: "ro", prompt: "safe-here", name: name, role: .listener, date: date,
      expires: expires)
  }

  private func lack(_ entries: [Approval], day: String? = "2026-03-01") -> String? {
    let standing = Approvals(entries).standing(
      of: wording, kind: .wording, language: "ro", prompt: "safe-here", on: day)
    return standing.lack(of: "it").map { "\($0.0.rawValue): \($0.1)" }
  }

  @Test("reports how many of two names are missing; one name written twice counts once")
  func names() {
    #expect(lack([]) == "approval-missing: it is approved by 0 of 2 names")
    #expect(lack([approval(wording, .wording, "Ana")]) == "approval-missing: it is approved by 1 of 2 names")
    #expect(lack([approval(wording, .wording, "Ana"), approval(wording, .wording, " ana ")]) != nil)
    #expect(lack([approval(wording, .wording, "Ana"), approval(wording, .wording, "Ben")]) == nil)
    #expect(lack([approval(wording, .recording, "Ana"), approval(wording, .recording, "Ben")]) != nil)
  }

  @Test("reports when an approval ended, and counts it on its last day")
  func expired() {
    let entries = [
      approval(wording, .wording, "Ana", expires: "2026-02-28"),
      approval(wording, .wording, "Ben", expires: "2026-02-01"),
    ]
    #expect(
      lack(entries)
        == "approval-expired: it is approved by 0 of 2 names; the approval of 2 ended on 2026-02-28")
    #expect(
      lack(entries, day: "2026-02-28")
        == "approval-expired: it is approved by 1 of 2 names; the approval of 1 ended on 2026-02-01")
    #expect(lack(entries, day: "2026-02-01") == nil)
    #expect(lack(entries, day: nil) == nil)
    // Approved anew by others.
    #expect(lack(entries + [approval(wording, .wording, "Cai"), approval(wording, .wording, "Dee")]) == nil)
  }

  @Test("reports a wording that was changed after its recording was approved")
  func outlived() {
    let old = Digest.sha256("other words")
    func outlived(_ entries: [Approval]) -> Bool {
      ApprovalHistory(Approvals(entries)).outlived(recording, by: wording, language: "ro", prompt: "safe-here")
    }
    let heard = approval(recording, .recording, "Ana", date: "2026-02-01")
    #expect(!outlived([]))
    // It is unknown which wording was recorded.
    #expect(!outlived([heard]))
    #expect(outlived([approval(old, .wording, "Ana"), heard]))
    #expect(outlived([approval(old, .wording, "Ana"), heard, approval(wording, .wording, "Ana", date: "2026-02-02")]))
    // The wording was changed and approved before the recording was.
    #expect(!outlived([approval(old, .wording, "Ana"), approval(wording, .wording, "Ana", date: "2026-01-20"), heard]))
    // RecordingAnalysis again since.
    let again = approval(recording, .recording, "Ben", date: "2026-02-03")
    #expect(
      !outlived([approval(old, .wording, "Ana"), heard, approval(wording, .wording, "Ana", date: "2026-02-02"), again]))
  }
}

import Diagnostics

/// The sheet of an acceptance: what a device is, what was pressed and heard, for a person to sign.
public struct AcceptancePage: Sendable {
  /// A button in the table.
  public struct Button: Sendable {
    /// What it means, and the print on it.
    public var name: String
    /// Whether it was pressed.
    public var isPressed: Bool
    /// What the daemon played after the press.
    public var heard: [String]
    /// What went wrong.
    public var faults: [String]

    /// Creates a row.
    public init(name: String, isPressed: Bool, heard: [String], faults: [String]) {
      (self.name, self.isPressed, self.heard, self.faults) = (name, isPressed, heard, faults)
    }
  }

  /// The device's serial; nil if it has none.
  public var serial: String?
  /// What is known of the device, by name.
  public var facts: [(name: String, value: String)]
  /// The buttons.
  public var buttons: [Button]
  /// The checks of the machine and the store, and what speaks against the device.
  public var checks: [Diagnostic]

  /// Creates the content of the page.
  public init(serial: String?, facts: [(name: String, value: String)], buttons: [Button], checks: [Diagnostic]) {
    (self.serial, self.facts, self.buttons, self.checks) = (serial, facts, buttons, checks)
  }

  /// The page.
  public var page: HTMLPage {
    let title = "Acceptance of \(serial.map { "device \($0)" } ?? "a device")"
    let errors = checks.count { $0.severity == .error }
    let verdict: HTML =
      errors == 0
      ? "<p class=\"good\">The program found no error. The person below decides.</p>"
      : "<p class=\"draft\">\(counted(errors, "error")): do not hand the device out before they are gone.</p>"
    return HTMLPage(
      title: title, style: Self.style,
      body: """
        <h1>\(title)</h1>
        \(verdict)
        <table class="facts"><tbody>\(facts.map(row))</tbody></table>
        <h2>Buttons</h2>
        <p>Tick the last two columns by hand: the program knows what it played, and not what you heard.</p>
        <table><thead><tr><th scope="col">Button</th><th scope="col">pressed</th><th scope="col">the daemon played</th>\
        <th scope="col">heard clearly</th><th scope="col">right words</th></tr></thead>
        <tbody>\(buttons.map(row))</tbody></table>
        <h2>Checks</h2>
        <ul class="checks">\(checks.map(row))</ul>
        <h2>Signature</h2>
        <p>I have pressed each button, heard the messages, and compared the keys with the publisher’s.</p>
        <table class="sign"><tbody>
        <tr><th scope="row">Name</th><td></td></tr>
        <tr><th scope="row">Place and date</th><td></td></tr>
        <tr><th scope="row">Signature</th><td></td></tr>
        </tbody></table>
        """)
  }

  private func row(_ fact: (name: String, value: String)) -> HTML {
    "<tr><th scope=\"row\">\(fact.name)</th><td>\(fact.value)</td></tr>\n"
  }

  private func row(_ button: Button) -> HTML {
    let faults = button.faults.map { "<b class=\"bad\">✗ \($0)</b><br/>" as HTML }
    let heard = button.heard.map { "\($0)<br/>" as HTML }
    let mark = button.isPressed ? "✓" : "✗ no"
    return """
      <tr><td>\(button.name)</td><td>\(mark)</td><td>\(faults)\(heard)</td>\
      <td class="box">☐</td><td class="box">☐</td></tr>

      """
  }

  private func row(_ check: Diagnostic) -> HTML {
    let sign = check.severity == .error ? "✗" : check.severity == .warning ? "!" : "✓"
    let remedy: HTML? = check.remedy.map { ": \($0)" }
    return "<li>\(sign) <b>\(check.path)</b> \(check.message)\(remedy)</li>\n"
  }

  private static let style = """
    table { border-collapse: collapse; margin: .6rem 0; width: 100%; }
    th, td { border: 1px solid #999; padding: .25rem .5rem; text-align: start; vertical-align: top; }
    tbody th { width: 13rem; }
    td { overflow-wrap: anywhere; }
    td.box { width: 5rem; text-align: center; font-size: 1.3rem; }
    .sign td { height: 2.6rem; }
    .bad { color: #a00; }
    ul.checks { list-style: none; padding: 0; }
    tr, li { break-inside: avoid; }

    """
}

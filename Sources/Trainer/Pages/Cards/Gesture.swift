/// The five signs with which a listener answers, and their pictures in black and white, fit for any printer and copier.
enum Gesture: String, CaseIterable, Sendable {
  case yes, no
  case notUnderstood = "not-understood"
  case preferNot = "prefer-not"
  case stop

  /// Returns the picture as SVG.
  ///
  /// - Parameter label: the label for screen readers.
  func picture(_ label: String) -> HTML {
    """
    <svg class="gesture" viewBox="0 0 120 130" role="img" aria-label="\(label)">
    <g fill="#fff" stroke="#000" stroke-width="4" stroke-linecap="round" stroke-linejoin="round">
    \(Self.body)\(arms)
    </g></svg>
    """
  }

  /// Head and trunk, without a face, so that it shows nobody in particular.
  private static let body: HTML = """
    <path d="M36 128V76Q36 52 60 52Q84 52 84 76V128"/><circle cx="60" cy="28" r="16"/>
    """

  private var arms: HTML {
    switch self {
    case .yes:
      """
      <path d="M41 62Q28 82 30 108" fill="none" stroke-width="11"/>
      <path d="M41 62Q28 82 30 108" fill="none" stroke="#fff" stroke-width="4"/><circle cx="30" cy="112" r="6"/>
      <path d="M79 64L97 58L98 34" fill="none" stroke-width="11"/>
      <path d="M79 64L97 58L98 34" fill="none" stroke="#fff" stroke-width="4"/>
      \(Self.hand(x: 98, y: 30, scale: 1))
      """
    case .no:
      """
      <path d="M41 62Q27 82 27 106" fill="none" stroke-width="11"/>
      <path d="M41 62Q27 82 27 106" fill="none" stroke="#fff" stroke-width="4"/><circle cx="27" cy="110" r="6"/>
      <path d="M79 62Q93 82 93 106" fill="none" stroke-width="11"/>
      <path d="M79 62Q93 82 93 106" fill="none" stroke="#fff" stroke-width="4"/><circle cx="93" cy="110" r="6"/>
      """
    case .notUnderstood:
      """
      <path d="M41 64L18 58L38 32" fill="none" stroke-width="11"/>
      <path d="M41 64L18 58L38 32" fill="none" stroke="#fff" stroke-width="4"/>
      <path d="M79 64L102 58L82 32" fill="none" stroke-width="11"/>
      <path d="M79 64L102 58L82 32" fill="none" stroke="#fff" stroke-width="4"/>
      <ellipse cx="43" cy="26" rx="6" ry="11"/><ellipse cx="77" cy="26" rx="6" ry="11"/>
      """
    case .preferNot:
      """
      <path d="M40 64L34 96L76 74" fill="none" stroke-width="11"/>
      <path d="M40 64L34 96L76 74" fill="none" stroke="#fff" stroke-width="4"/><circle cx="78" cy="72" r="6"/>
      <path d="M80 64L86 96L44 74" fill="none" stroke-width="11"/>
      <path d="M80 64L86 96L44 74" fill="none" stroke="#fff" stroke-width="4"/><circle cx="42" cy="72" r="6"/>
      """
    case .stop:
      """
      <path d="M41 64L28 106" fill="none" stroke-width="11"/>
      <path d="M41 64L28 106" fill="none" stroke="#fff" stroke-width="4"/>
      <path d="M79 64L92 106" fill="none" stroke-width="11"/>
      <path d="M79 64L92 106" fill="none" stroke="#fff" stroke-width="4"/>
      \(Self.hand(x: 28, y: 112, scale: 2, mirrored: true))\(Self.hand(x: 92, y: 112, scale: 2))
      """
    }
  }

  /// Returns an open hand with the palm to the front; `x` and `y` are those of the wrist.
  private static func hand(x: Int, y: Int, scale: Int, mirrored: Bool = false) -> HTML {
    """
    <path transform="translate(\(x) \(y)) scale(\(mirrored ? -scale : scale) \(scale))" stroke-width="\(scale == 1 ? "3" : "1.8")"
     d="M-6 2V-8L-9 -13Q-9 -16 -7 -15L-4 -11V-20Q-3 -22 -2 -20V-12V-22Q-1 -24 0 -22V-12V-21Q1 -23 2 -21V-11V-18
     Q3 -20 5 -18V-2Q5 4 0 4H-2Q-5 4 -6 2Z"/>
    """
  }
}

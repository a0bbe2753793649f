import Kit

/// The pictures of the five signs with which a listener answers, in each answer mode. Each differs from the others
/// without colour, which suits any printer and copier.
struct SignPicture {
  /// The answer mode.
  let mode: AnswerMode
  /// What the sign says.
  let sign: AnswerSign

  /// Returns the picture as SVG, 120 by 130 units.
  ///
  /// - Parameter label: the label for screen readers.
  func svg(_ label: String) -> HTML {
    """
    <svg class="sign" viewBox="0 0 120 130" role="img" aria-label="\(label)">
    <g fill="#fff" stroke="#000" stroke-width="4" stroke-linecap="round" stroke-linejoin="round">
    \(picture)
    </g></svg>
    """
  }

  private var picture: HTML {
    switch mode {
    case .card:
      """
      <rect x="4" y="9" width="112" height="112" rx="10" fill="\(Self.colour(sign))"/>\(symbol)
      """
    case .buttons:
      """
      <circle cx="60" cy="65" r="56" fill="#ddd"/><circle cx="60" cy="65" r="46" fill="\(Self.colour(sign))"/>\(symbol)
      """
    case .hand: "\(sign == .stop ? Self.trunk : Self.body)\(hand)"
    case .tap: "\(Self.tappingHand)\(taps)"
    }
  }

  /// The colour of a field or button, as the formulas name it.
  private static func colour(_ sign: AnswerSign) -> HTML {
    switch sign {
    case .yes: "#0a8f3c"
    case .no: "#fff"
    case .notUnderstood: "#ffd21f"
    case .preferNot: "#000"
    case .stop: "#d4141c"
    }
  }

  // MARK: - Fields and buttons

  private var symbol: HTML {
    switch sign {
    case .yes: "<path d=\"M34 68L52 86L88 46\" fill=\"none\" stroke=\"#fff\" stroke-width=\"13\"/>"
    case .no: "<path d=\"M40 45L80 85M80 45L40 85\" fill=\"none\" stroke-width=\"13\"/>"
    case .notUnderstood:
      """
      <path d="M44 52Q44 36 60 36Q77 36 77 51Q77 62 60 70V78" fill="none" stroke-width="10"/>
      <circle cx="60" cy="93" r="4" fill="#000"/>
      """
    case .preferNot:
      """
      <path d="M28 66Q44 50 60 58Q76 50 92 66Q76 84 60 84Q44 84 28 66Z" stroke="#fff" fill="none" stroke-width="5"/>
      <path d="M28 66H92" stroke="#fff" fill="none" stroke-width="5"/>
      """
    case .stop:
      """
      <path d="M46 31H74L94 51V79L74 99H46L26 79V51Z" fill="none" stroke="#fff" stroke-width="5"/>
      <text x="60" y="73" text-anchor="middle" font-family="sans-serif" font-weight="bold" font-size="22" fill="#fff"
       stroke="none">STOP</text>
      """
    }
  }

  // MARK: - One hand

  /// Trunk and head, without a face, so that it shows nobody in particular.
  private static let body: HTML = "\(trunk)<circle cx=\"60\" cy=\"28\" r=\"17\"/>"
  private static let trunk: HTML = "<path d=\"M36 106V76Q36 52 60 52Q84 52 84 76V106\"/>"

  private var hand: HTML {
    switch sign {
    case .yes: "\(Self.restingArm)\(Self.arm("M79 64L100 60L101 36"))\(Self.palm(x: 101, y: 32))\(Self.legs)"
    case .no: "\(Self.restingArm)\(Self.legs)\(Self.arm("M80 64L92 88L76 110"))<circle cx=\"74\" cy=\"112\" r=\"7\"/>"
    case .notUnderstood:
      """
      \(Self.restingArm)\(Self.legs)\(Self.arm("M80 64L106 56L86 34"))
      <path d="M79 20Q92 16 91 30Q88 40 79 38" stroke-width="4"/>
      """
    case .preferNot:
      """
      \(Self.restingArm)\(Self.legs)\(Self.arm("M80 64L98 74L70 38"))<ellipse cx="63" cy="35" rx="12" ry="6"/>
      """
    case .stop:
      """
      \(Self.restingArm)\(Self.arm("M79 62Q93 82 93 104"))\(Self.legs)
      <path d="M74 42Q58 48 48 38L38 34L45 26Q46 11 62 11Q78 12 78 28Q78 36 74 42Z"/>
      <path d="M30 10Q16 18 18 34M12 26L18 35L26 28" fill="none"/>
      """
    }
  }

  private static let restingArm: HTML = "\(arm("M41 62Q27 82 27 104"))"
  private static let legs: HTML = "<path d=\"M36 106V126M60 108V126M84 106V126\" fill=\"none\"/>"

  /// Returns an arm: a thick line with a white core.
  private static func arm(_ path: String) -> HTML {
    """
    <path d="\(path)" fill="none" stroke-width="12"/><path d="\(path)" fill="none" stroke="#fff" stroke-width="5"/>
    """
  }

  /// Returns a raised hand with its back to the viewer, with its wrist at a point: no palm is shown to anybody.
  private static func palm(x: Int, y: Int) -> HTML {
    """
    <path transform="translate(\(x) \(y))" stroke-width="3"
     d="M-6 2V-8L-9 -13Q-9 -16 -7 -15L-4 -11V-20Q-3 -22 -2 -20V-12V-22Q-1 -24 0 -22V-12V-21Q1 -23 2 -21V-11V-18
     Q3 -20 5 -18V-2Q5 4 0 4H-2Q-5 4 -6 2Z"/>
    """
  }

  // MARK: - Tapping

  /// A hand on a table; it lifts from it except where nothing is tapped.
  private static let tappingHand: HTML = """
    <path d="M8 112H112" fill="none" stroke-width="6"/>
    """

  private var taps: HTML {
    let lifted: HTML = """
      <path d="M24 66Q40 50 62 56L92 70Q98 74 94 78Q90 80 84 78L64 74L88 88Q92 92 88 95Q84 97 80 94L54 82Q36 90 24 84Z"/>
      <path d="M84 98V106" fill="none"/>
      """
    let still: HTML = """
      <path d="M16 108Q16 92 36 90L92 96Q104 98 104 108Z"/>
      """
    switch sign {
    case .yes: return "\(lifted)\(Self.dots(1))"
    case .no: return "\(lifted)\(Self.dots(2))"
    case .notUnderstood: return "\(lifted)\(Self.dots(3))"
    case .preferNot: return still
    case .stop: return "\(lifted)\(Self.dots(5))<path d=\"M104 20L112 27L104 34\" fill=\"none\"/>"
    }
  }

  /// Returns a row of dots, one for each tap.
  private static func dots(_ count: Int) -> HTML {
    let start = 60 - (count - 1) * 10 - (count > 3 ? 4 : 0)
    let dots = (0..<count).map { index -> HTML in
      "<circle cx=\"\(start + 20 * index)\" cy=\"27\" r=\"\(count > 3 ? 6 : 8)\" fill=\"#000\"/>"
    }
    return "\(dots)"
  }
}

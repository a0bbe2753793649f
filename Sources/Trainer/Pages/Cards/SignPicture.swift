import Board
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
    case .tap: taps
    }
  }

  /// The colour of a square or button, as the formulas name it.
  static func colour(_ sign: AnswerSign) -> String {
    switch sign {
    case .yes: "#0a8f3c"
    case .no: "#ffffff"
    case .notUnderstood: "#ffd21f"
    case .preferNot: "#000000"
    case .stop: "#d4141c"
    }
  }

  /// The colour of the symbol on a square or button: on grey paper the symbol alone tells the signs apart.
  static func ink(_ sign: AnswerSign) -> String {
    switch sign {
    case .no, .notUnderstood: "#000000"
    case .yes, .preferNot, .stop: "#ffffff"
    }
  }

  // MARK: - Squares and buttons

  private var symbol: HTML { "<g fill=\"none\" stroke=\"\(Self.ink(sign))\">\(shape)</g>" }

  private var shape: HTML {
    switch sign {
    case .yes: "<path d=\"M34 68L52 86L88 46\" stroke-width=\"13\"/>"
    case .no: "<path d=\"M40 45L80 85M80 45L40 85\" stroke-width=\"13\"/>"
    case .notUnderstood:
      """
      <path d="M44 52Q44 36 60 36Q77 36 77 51Q77 62 60 70V78" stroke-width="10"/><path d="M60 93V93.1" stroke-width="12"/>
      """
    case .preferNot:
      // A face with a closed mouth; lips alone would look like a kiss.
      """
      <circle cx="60" cy="65" r="37" stroke-width="5"/><path d="M42 82H78" stroke-width="8"/>
      <path d="M47 57V57.1M73 57V57.1" stroke-width="11"/>
      """
    case .stop:
      """
      <path d="M46 31H74L94 51V79L74 99H46L26 79V51Z" stroke-width="5"/>
      <text x="60" y="73" text-anchor="middle" font-family="sans-serif" font-weight="bold" font-size="22"
       fill="\(Self.ink(sign))" stroke="none">STOP</text>
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

  /// A forearm and a hand over a table. A finger strikes it; where nothing is tapped, the hand lies still.
  private var taps: HTML {
    let table: HTML = "<path d=\"M6 116H114\" fill=\"none\" stroke-width=\"6\"/>"
    let tapping: HTML = """
      \(Self.limb("M8 60L44 72", width: 26))\(Self.limb("M62 82L84 104", width: 13))
      <path d="M38 60Q52 56 66 66Q76 74 70 86Q60 98 46 90L36 84Q32 66 38 60Z"/>
      <path d="M44 86Q46 98 56 100Q64 100 62 90" stroke-width="4"/>
      <path d="M97 104L107 98M99 91L106 82M70 108L64 110" fill="none"/>
      """
    let still: HTML = """
      \(Self.limb("M8 98L46 100", width: 26))
      <path d="M40 88Q56 84 68 92L104 102Q112 106 108 112H44Q36 110 36 100Z"/>
      """
    switch sign {
    case .yes: return "\(table)\(tapping)\(Self.dots(1))"
    case .no: return "\(table)\(tapping)\(Self.dots(2))"
    case .notUnderstood: return "\(table)\(tapping)\(Self.dots(3))"
    case .preferNot: return "\(table)\(still)"
    case .stop: return "\(table)\(tapping)\(Self.dots(5))"
    }
  }

  /// Returns a limb: a thick outline with a white core.
  private static func limb(_ path: String, width: Int) -> HTML {
    """
    <path d="\(path)" fill="none" stroke-width="\(width)"/><path d="\(path)" fill="none" stroke="#fff" stroke-width="\(width - 8)"/>
    """
  }

  /// Returns a row of dots, one for each tap; for five, the row goes on.
  private static func dots(_ count: Int) -> HTML {
    let (step, radius) = count > 3 ? (20, 7) : (26, 9)
    let start = 60 - (count - 1) * step / 2 - (count > 3 ? 6 : 0)
    let dots = (0..<count).map { index -> HTML in
      "<circle cx=\"\(start + step * index)\" cy=\"26\" r=\"\(radius)\" fill=\"#000\" stroke=\"none\"/>"
    }
    return "\(dots)\(count > 3 ? "<path d=\"M108 19L116 26L108 33\" fill=\"none\"/>" as HTML : nil)"
  }
}

extension AnswerSign {
  /// The button that stands for the sign.
  var control: Button.Control {
    switch self {
    case .yes: .answerYes
    case .no: .answerNo
    case .notUnderstood: .answerUnclear
    case .preferNot: .answerDeclined
    case .stop: .answerStop
    }
  }
}

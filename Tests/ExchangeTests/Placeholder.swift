import Exchange

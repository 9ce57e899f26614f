"""What is true: pure rules over frozen values.

Standard library only, exact decimals only, no clock, no input or output. How things are kept and
shown does not belong here (see app/features), nor anything that knows a framework (see app/kit).
"""

# Names of the package, and where each lives, for type checkers.

from langchain_novastack.router.compare import Answer, Comparison
from langchain_novastack.router.response import RoutedResponse, Usage
from langchain_novastack.router.router import NovastackRouter
from langchain_novastack.router.router_binding import RouterBinding

__all__ = ["Answer", "Comparison", "NovastackRouter", "RoutedResponse", "RouterBinding", "Usage"]
